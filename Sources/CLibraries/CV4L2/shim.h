#ifndef CV4L2_SHIM_H
#define CV4L2_SHIM_H

#include <libv4l2.h>
#include <libv4lconvert.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>

// v4l2_ioctl is variadic, and every VIDIOC_* is a macro around sizeof: one typed function for each request that is used.
#define CV4L2_REQUEST(name, request, type) \
    static inline int name(int fd, type *argument) { return v4l2_ioctl(fd, request, argument); }
CV4L2_REQUEST(cv4l2_query_capability, VIDIOC_QUERYCAP, struct v4l2_capability)
CV4L2_REQUEST(cv4l2_enumerate_format, VIDIOC_ENUM_FMT, struct v4l2_fmtdesc)
CV4L2_REQUEST(cv4l2_enumerate_frame_interval, VIDIOC_ENUM_FRAMEINTERVALS, struct v4l2_frmivalenum)
CV4L2_REQUEST(cv4l2_try_format, VIDIOC_TRY_FMT, struct v4l2_format)
CV4L2_REQUEST(cv4l2_set_format, VIDIOC_S_FMT, struct v4l2_format)
CV4L2_REQUEST(cv4l2_get_parameters, VIDIOC_G_PARM, struct v4l2_streamparm)
CV4L2_REQUEST(cv4l2_set_parameters, VIDIOC_S_PARM, struct v4l2_streamparm)
CV4L2_REQUEST(cv4l2_request_buffers, VIDIOC_REQBUFS, struct v4l2_requestbuffers)
CV4L2_REQUEST(cv4l2_query_buffer, VIDIOC_QUERYBUF, struct v4l2_buffer)
CV4L2_REQUEST(cv4l2_queue_buffer, VIDIOC_QBUF, struct v4l2_buffer)
CV4L2_REQUEST(cv4l2_dequeue_buffer, VIDIOC_DQBUF, struct v4l2_buffer)

// libv4l2's plugins print to standard error when they meet a device without this; so it is asked for before libv4l2 sees the device.
static inline int cv4l2_query_capability_directly(int fd, struct v4l2_capability *capability) {
    return ioctl(fd, VIDIOC_QUERYCAP, capability);
}

// These two take a pointer to the buffer type, which no struct stands for.
static inline int cv4l2_stream_on(int fd) {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    return v4l2_ioctl(fd, VIDIOC_STREAMON, &type);
}
static inline int cv4l2_stream_off(int fd) {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    return v4l2_ioctl(fd, VIDIOC_STREAMOFF, &type);
}

// Four-character codes are macros with a cast and a shift, which do not import.
static const __u32 cv4l2_yu12 = V4L2_PIX_FMT_YUV420;
static const __u32 cv4l2_yv12 = V4L2_PIX_FMT_YVU420;
static const __u32 cv4l2_nv12 = V4L2_PIX_FMT_NV12;
static const __u32 cv4l2_nv21 = V4L2_PIX_FMT_NV21;
static const __u32 cv4l2_yuyv = V4L2_PIX_FMT_YUYV;
static const __u32 cv4l2_uyvy = V4L2_PIX_FMT_UYVY;
static const __u32 cv4l2_mjpeg = V4L2_PIX_FMT_MJPEG;
static const __u32 cv4l2_jpeg = V4L2_PIX_FMT_JPEG;

// Enumerators of anonymous enums and flag macros, given one type so that Swift need not convert each.
static const __u32 cv4l2_type_capture = V4L2_BUF_TYPE_VIDEO_CAPTURE;
static const __u32 cv4l2_memory_mmap = V4L2_MEMORY_MMAP;
static const __u32 cv4l2_field_any = V4L2_FIELD_ANY;
static const __u32 cv4l2_capability_capture = V4L2_CAP_VIDEO_CAPTURE;
static const __u32 cv4l2_capability_streaming = V4L2_CAP_STREAMING;
static const __u32 cv4l2_capability_per_device = V4L2_CAP_DEVICE_CAPS;
static const __u32 cv4l2_flag_error = V4L2_BUF_FLAG_ERROR;
static const __u32 cv4l2_flag_timestamp_mask = V4L2_BUF_FLAG_TIMESTAMP_MASK;
static const __u32 cv4l2_flag_timestamp_monotonic = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
static const __u32 cv4l2_interval_discrete = V4L2_FRMIVAL_TYPE_DISCRETE;
static const __u32 cv4l2_colorspace_jpeg = V4L2_COLORSPACE_JPEG;
static const __u32 cv4l2_quantization_default = V4L2_QUANTIZATION_DEFAULT;
static const __u32 cv4l2_quantization_full = V4L2_QUANTIZATION_FULL_RANGE;

// libv4l2 prints its complaints to standard error, which may be the screen, unless this variable names a file.
static inline void cv4l2_silence(void) {
    if (!v4l2_log_file) v4l2_log_file = fopen("/dev/null", "we");
}

#endif
