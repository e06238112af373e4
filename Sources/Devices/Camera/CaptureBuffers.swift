import CV4L2
import Glibc
import MediaTypes

/// The driver's buffers, mapped into the process.
struct CaptureBuffers: ~Copyable {
    struct Filled {
        var index: UInt32
        var byteCount: Int
        /// Monotonic, in microseconds; nil when the driver stamps on another clock.
        var microseconds: Int64?
        var isDamaged: Bool
    }

    private var mapped: [UnsafeMutableRawBufferPointer] = []

    /// One is filled, one is read, and two wait, so that a late reader costs no picture.
    private static let wantedCount: UInt32 = 4

    init(_ device: borrowing CaptureDevice) throws(MediaDeviceError) {
        let path = device.path
        var request = v4l2_requestbuffers()
        request.count = Self.wantedCount
        request.type = cv4l2_type_capture
        request.memory = cv4l2_memory_mmap
        guard cv4l2_request_buffers(device.descriptor, &request) == 0 else { throw .camera(path, error: errno, while: "giving buffers") }
        for index in 0..<request.count {
            var buffer = Self.description(index)
            guard cv4l2_query_buffer(device.descriptor, &buffer) == 0 else { throw .camera(path, error: errno, while: "giving buffers") }
            let length = Int(buffer.length)
            let address = v4l2_mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, device.descriptor, Int64(buffer.m.offset))
            guard let address, address != MAP_FAILED else { throw .camera(path, error: errno, while: "its buffers were mapped") }
            mapped.append(UnsafeMutableRawBufferPointer(start: address, count: length))
        }
        guard !mapped.isEmpty
        else { throw MediaDeviceError(.failed, "The camera \(path) gave no buffers; unplug it and plug it in again.") }
    }

    deinit { for buffer in mapped { v4l2_munmap(buffer.baseAddress, buffer.count) } }

    /// Hands all buffers to the driver and starts it; a stream that was switched off has given all of them back.
    func start(_ device: borrowing CaptureDevice) throws(MediaDeviceError) {
        do throws(CaptureFailure) {
            for index in mapped.indices { try give(UInt32(index), to: device) }
            guard cv4l2_stream_on(device.descriptor) == 0 else { throw CaptureFailure(code: errno) }
        } catch {
            throw .camera(device.path, error: error.code, while: "being started")
        }
    }

    func give(_ index: UInt32, to device: borrowing CaptureDevice) throws(CaptureFailure) {
        var buffer = Self.description(index)
        guard cv4l2_queue_buffer(device.descriptor, &buffer) == 0 else { throw CaptureFailure(code: errno) }
    }

    /// - Returns: nil when no picture is there.
    func take(from device: borrowing CaptureDevice) throws(CaptureFailure) -> Filled? {
        var buffer = Self.description(0)
        guard cv4l2_dequeue_buffer(device.descriptor, &buffer) == 0 else {
            if errno == EAGAIN || errno == EINTR { return nil }
            throw CaptureFailure(code: errno)
        }
        guard Int(buffer.index) < mapped.count else { throw CaptureFailure(code: EIO) }
        let stampedMonotonic = buffer.flags & cv4l2_flag_timestamp_mask == cv4l2_flag_timestamp_monotonic
        let stamp = Int64(buffer.timestamp.tv_sec) &* 1_000_000 &+ Int64(buffer.timestamp.tv_usec)
        return Filled(
            index: buffer.index, byteCount: Int(buffer.bytesused), microseconds: stampedMonotonic ? stamp : nil,
            isDamaged: buffer.flags & cv4l2_flag_error != 0)
    }

    /// What the driver wrote; never more than is mapped. Valid until the buffer is given back.
    func contents(_ filled: Filled) -> UnsafeMutableRawBufferPointer {
        let whole = mapped[Int(filled.index)]
        return UnsafeMutableRawBufferPointer(rebasing: whole[..<min(whole.count, max(0, filled.byteCount))])
    }

    private static func description(_ index: UInt32) -> v4l2_buffer {
        var buffer = v4l2_buffer()
        buffer.index = index
        buffer.type = cv4l2_type_capture
        buffer.memory = cv4l2_memory_mmap
        return buffer
    }
}

/// The bare `errno` of a failed call on the stream: some are mended by starting it anew.
struct CaptureFailure: Error {
    let code: Int32
}
