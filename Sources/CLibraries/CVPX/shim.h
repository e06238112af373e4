#ifndef CVPX_SHIM_H
#define CVPX_SHIM_H

#include <vpx/vp8cx.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include <vpx/vpx_encoder.h>

// The init functions are macros that add the ABI version, itself a sum of macros.
static inline vpx_codec_err_t cvpx_vp8_encoder_defaults(vpx_codec_enc_cfg_t *configuration) {
    return vpx_codec_enc_config_default(vpx_codec_vp8_cx(), configuration, 0);
}
static inline vpx_codec_err_t cvpx_vp8_encoder_init(vpx_codec_ctx_t *context, const vpx_codec_enc_cfg_t *configuration) {
    return vpx_codec_enc_init(context, vpx_codec_vp8_cx(), configuration, 0);
}
static inline vpx_codec_err_t cvpx_vp8_decoder_init(vpx_codec_ctx_t *context, unsigned int threads) {
    vpx_codec_dec_cfg_t configuration = {.threads = threads, .w = 0, .h = 0};
    return vpx_codec_dec_init(context, vpx_codec_vp8_dx(), &configuration, 0);
}

// vpx_codec_control is a macro over a variadic function: one typed function for each control that is used.
static inline vpx_codec_err_t cvpx_set_cpu_used(vpx_codec_ctx_t *context, int value) {
    return vpx_codec_control(context, VP8E_SET_CPUUSED, value);
}
static inline vpx_codec_err_t cvpx_set_static_threshold(vpx_codec_ctx_t *context, unsigned int value) {
    return vpx_codec_control(context, VP8E_SET_STATIC_THRESHOLD, value);
}
static inline vpx_codec_err_t cvpx_set_noise_sensitivity(vpx_codec_ctx_t *context, unsigned int value) {
    return vpx_codec_control(context, VP8E_SET_NOISE_SENSITIVITY, value);
}
static inline vpx_codec_err_t cvpx_set_max_intra_bitrate(vpx_codec_ctx_t *context, unsigned int percent) {
    return vpx_codec_control(context, VP8E_SET_MAX_INTRA_BITRATE_PCT, percent);
}
static inline vpx_codec_err_t cvpx_get_last_quantizer(vpx_codec_ctx_t *context, int *quantizer) {
    return vpx_codec_control(context, VP8E_GET_LAST_QUANTIZER, quantizer);
}
static inline vpx_codec_err_t cvpx_get_last_quantizer_64(vpx_codec_ctx_t *context, int *quantizer) {
    return vpx_codec_control(context, VP8E_GET_LAST_QUANTIZER_64, quantizer);
}
static inline vpx_codec_err_t cvpx_get_frame_corrupted(vpx_codec_ctx_t *context, int *corrupted) {
    return vpx_codec_control(context, VP8D_GET_FRAME_CORRUPTED, corrupted);
}

// A flag macro with a cast, which does not import.
static const vpx_enc_frame_flags_t cvpx_force_key_frame = VPX_EFLAG_FORCE_KF;

#endif
