import CALSA
import Glibc
import MediaTypes
import Threading

extension PCM {
    /// Failures in a row, without one sample moved, after which a device counts as broken.
    private static var mostRecoveries: Int { 8 }

    /// Fills `samples`; false once `stop` is signalled.
    func read(into samples: inout [Int16], stop: EventDescriptor) throws(MediaDeviceError) -> Bool {
        try samples.withUnsafeMutableBufferPointer { buffer throws(MediaDeviceError) -> Bool in
            guard let base = buffer.baseAddress else { return !isSignalled(stop, withinMilliseconds: 0) }
            return try transfer(buffer.count, stop: stop) { snd_pcm_readi(handle, base + $0, $1) }
        }
    }

    /// Queues all of `samples`; false once `stop` is signalled.
    func write(_ samples: [Int16], stop: EventDescriptor) throws(MediaDeviceError) -> Bool {
        try samples.withUnsafeBufferPointer { buffer throws(MediaDeviceError) -> Bool in
            guard let base = buffer.baseAddress else { return !isSignalled(stop, withinMilliseconds: 0) }
            return try transfer(buffer.count, stop: stop) { snd_pcm_writei(handle, base + $0, $1) }
        }
    }

    private func transfer(
        _ count: Int, stop: EventDescriptor, _ move: (_ from: Int, _ frames: snd_pcm_uframes_t) -> snd_pcm_sframes_t
    ) throws(MediaDeviceError) -> Bool {
        if isSignalled(stop, withinMilliseconds: 0) { return false }
        var done = 0
        var recoveries = 0
        var idleWakes: Int32 = 0
        while done < count {
            let moved = Int(move(done, snd_pcm_uframes_t(count - done)))
            if moved > 0 {
                done = min(count, done + moved)
                recoveries = 0
                idleWakes = 0
            } else if moved == 0 || moved == -Int(EAGAIN) {
                // Some plugins report readiness a little early: give way instead of spinning.
                idleWakes = min(10, idleWakes + 1)
                if idleWakes > 1, isSignalled(stop, withinMilliseconds: idleWakes) { return false }
                if try wait(stop: stop) == .stopped { return false }
            } else {
                recoveries += 1
                let status = Int32(clamping: moved)
                guard recoveries <= Self.mostRecoveries else { throw .sound(name, direction, error: status, while: "running") }
                if try recover(from: status, stop: stop) == .stopped { return false }
            }
        }
        return true
    }
}
