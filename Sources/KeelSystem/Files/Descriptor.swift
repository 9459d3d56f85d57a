import Glibc
import KeelBase

/// An open file descriptor, closed when its owner goes.
///
/// Every call is repeated when a signal interrupts it; none is inherited by a child process.
final class Descriptor: Sendable {
    let number: Int32
    /// For messages only.
    let path: String

    /// Opens `path`, which failures call `name`. A file that is created gets mode 0600 whatever the umask says.
    init(opening path: String, _ flags: Int32, calling name: String? = nil) throws(FileFailure) {
        let name = name ?? path
        let mode: mode_t = 0o600
        number = try Descriptor.retrying("open", name) { unsafe open(path, flags | O_CLOEXEC, mode) }
        self.path = name
        guard flags & O_CREAT != 0 else { return }
        // The umask took bits away, or an older file has too many. Of another user's file the mode is that user's.
        guard fchmod(number, mode) == 0 || errno == EPERM else { throw FileFailure("chmod", path, errno: errno) }
    }

    deinit { close(number) }

    /// What the kernel says of the open file, so that nothing can be swapped between the look and the use.
    func status() throws(FileFailure) -> stat {
        var value = stat()
        _ = try Self.retrying("stat", path) { unsafe fstat(number, &value) }
        return value
    }

    /// Everything up to the end, at most `limit` bytes; throws `.tooLarge` if there is more.
    func readAll(limit: Int) throws(FileFailure) -> [UInt8] {
        let status = try status()
        // Its size would say that it is too large.
        guard status.st_mode & S_IFMT != S_IFDIR else { throw FileFailure("read", path, errno: EISDIR) }
        let size = Int(status.st_size)
        guard size <= limit else { throw tooLarge(limit) }
        var bytes: [UInt8] = []
        var room = size + 1
        while true {
            let more = try readOnce(room: room)
            if more.isEmpty { return bytes }
            guard bytes.count + more.count <= limit else { throw tooLarge(limit) }
            if bytes.isEmpty { bytes = more } else { bytes += more }
            // The size was not known beforehand, or it has grown.
            room = max(size + 1 - bytes.count, 1 << 16)
        }
    }

    /// The first `count` bytes, or all there are.
    func readHead(count: Int) throws(FileFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = try readOnce(room: count - bytes.count)
            if more.isEmpty { break }
            bytes += more
        }
        return bytes
    }

    /// What one call reads, straight into the array that is returned; nothing at the end.
    private func readOnce(room: Int) throws(FileFailure) -> [UInt8] {
        var failed: Int32?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            repeat { count = unsafe Glibc.read(number, buffer.baseAddress, room) } while count < 0 && errno == EINTR
            if count < 0 {
                failed = errno
                count = 0
            }
        }
        if let failed { throw FileFailure("read", path, errno: failed) }
        return bytes
    }

    /// Writes all of it, however many calls that takes.
    func writeAll(_ bytes: [UInt8]) throws(FileFailure) {
        var written = 0
        while written < bytes.count {
            let start = written
            written += try Self.retrying("write", path) {
                unsafe bytes.withUnsafeBytes { buffer in
                    unsafe Glibc.write(number, buffer.baseAddress.map { unsafe $0 + start }, buffer.count - start)
                }
            }
        }
    }

    /// Returns when the content is on stable storage.
    func synchronize() throws(FileFailure) {
        _ = try Self.retrying("fsync", path) { fsync(number) }
    }

    /// Gives the lock back for every descriptor of this open file: a child that was just started, and has not come to run its
    /// program, holds another one.
    func unlock() { _ = flock(number, LOCK_UN) }

    /// Takes an exclusive `flock`, which lasts as long as the descriptor; false at once if another holds one.
    func lockIfFree() throws(FileFailure) -> Bool {
        while true {
            if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return false
            default: throw FileFailure("flock", path, errno: errno)
            }
        }
    }

    private func tooLarge(_ limit: Int) -> FileFailure {
        FileFailure(code: .tooLarge, path: path, operation: "read", reason: "is larger than \(limit) bytes")
    }

    /// Calls until no signal interrupts.
    static func retrying<Result: SignedInteger>(
        _ operation: String, _ path: String, _ call: () -> Result
    ) throws(FileFailure) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let number = errno
            guard number == EINTR else { throw FileFailure(operation, path, errno: number) }
        }
    }
}
