import CALSA
import Glibc
import MediaTypes
import Primitives
import Threading

/// What a wait or a recovery ended with.
enum PCMProgress { case ready, stopped }

extension PCM {
    /// A card that moves nothing for this long is not going to.
    private static let patience = Interval.seconds(5)

    /// Waits until the device can move samples again, or `stop` is signalled.
    func wait(stop: EventDescriptor) throws(MediaDeviceError) -> PCMProgress {
        let deadline = MonotonicClock.now() + Self.patience
        while true {
            let left = deadline - MonotonicClock.now()
            guard left > .zero else {
                if snd_pcm_state(handle) == SND_PCM_STATE_DISCONNECTED { throw .soundGone(name, direction) }
                throw MediaDeviceError(
                    .failed, "The \(direction.noun) \"\(name)\" has stood still for 5 seconds; choose another one.")
            }
            var descriptors = [pollfd(fd: stop.fileDescriptor, events: Int16(POLLIN), revents: 0)]
            let own = snd_pcm_poll_descriptors_count(handle)
            if own > 0 {
                descriptors += Array(repeating: pollfd(), count: Int(own))
                let filled = descriptors.withUnsafeMutableBufferPointer { all -> Int32 in
                    guard let base = all.baseAddress else { return 0 }
                    return snd_pcm_poll_descriptors(handle, base + 1, UInt32(own))
                }
                if filled < own { descriptors.removeLast(Int(own - max(0, filled))) }
            }
            // Without descriptors of its own a device can only be asked again a little later.
            let limit = descriptors.count > 1 ? Int32(clamping: left.wholeMilliseconds + 1) : 5
            let ready = poll(&descriptors, nfds_t(descriptors.count), limit)
            if ready > 0, descriptors[0].revents != 0 { return .stopped }
            if descriptors.count == 1 { return .ready }
            guard ready > 0 else { continue }
            var events: UInt16 = 0
            let status = descriptors.withUnsafeMutableBufferPointer { all -> Int32 in
                guard let base = all.baseAddress else { return 0 }
                return snd_pcm_poll_descriptors_revents(handle, base + 1, UInt32(all.count - 1), &events)
            }
            if status < 0 { throw .sound(name, direction, error: status, while: "it was waited for") }
            // An error shows in the next read or write, which says what it was.
            if events != 0 { return .ready }
        }
    }

    /// After a read or write failed: brings the device back from an overrun, an underrun or the machine's sleep.
    func recover(from status: Int32, stop: EventDescriptor) throws(MediaDeviceError) -> PCMProgress {
        var status = status
        if snd_pcm_state(handle) == SND_PCM_STATE_DISCONNECTED { throw .soundGone(name, direction) }
        if status == -ESTRPIPE {
            // snd_pcm_recover would sleep through a stop while the card wakes up.
            let deadline = MonotonicClock.now() + Self.patience
            status = snd_pcm_resume(handle)
            while status == -EAGAIN, MonotonicClock.now() < deadline {
                if isSignalled(stop, withinMilliseconds: 50) { return .stopped }
                status = snd_pcm_resume(handle)
            }
            if status == 0 { return .ready }
            status = -EPIPE
        }
        if status != -EINTR {
            guard status == -EPIPE || status == -EIO else { throw .sound(name, direction, error: status, while: "running") }
            status = snd_pcm_prepare(handle)
            if status < 0 { throw .sound(name, direction, error: status, while: "it was started again") }
        }
        if isSignalled(stop, withinMilliseconds: 0) { return .stopped }
        return .ready
    }

    func isSignalled(_ stop: EventDescriptor, withinMilliseconds limit: Int32) -> Bool {
        var descriptor = pollfd(fd: stop.fileDescriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, limit) > 0
    }
}
