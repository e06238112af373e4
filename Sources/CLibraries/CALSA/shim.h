#ifndef CALSA_SHIM_H
#define CALSA_SHIM_H

#include <alsa/asoundlib.h>

static inline void calsa_ignore_error(const char *file, int line, const char *function, int error, const char *format, ...) {
    (void)file, (void)line, (void)function, (void)error, (void)format;
}

// libasound prints what it tried to standard error, which may be the screen; the handler's type is variadic, so Swift cannot give one.
static inline void calsa_silence(void) { snd_lib_error_set_handler(calsa_ignore_error); }

#endif
