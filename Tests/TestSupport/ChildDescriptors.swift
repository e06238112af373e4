import Glibc

/// Call it before a program is started: what this process has open stays its own. Otherwise the listening socket of a test beside this one
/// lives on in the child, and keeps its port taken.
public func keepDescriptorsFromChildren() {
    for descriptor in Int32(3)..<1024 {
        let flags = fcntl(descriptor, F_GETFD)
        if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
    }
}
