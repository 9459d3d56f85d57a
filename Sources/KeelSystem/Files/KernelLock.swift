import Glibc
import KeelBase
import Synchronization

/// An exclusive `flock`. It belongs to the open file, so two holders in one process exclude each other as well.
final class KernelLock: FileLock {
    /// Nil once unlocked; if nobody unlocks it, closing the file does.
    private let file: Mutex<Descriptor?>

    /// Nil at once if another holds it.
    init?(_ path: String) throws(FileFailure) {
        while true {
            let file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_NOFOLLOW)
            guard try file.lockIfFree() else { return nil }
            // Whoever removed the file meanwhile has left us a lock on nothing.
            guard try Self.names(path, file) else { continue }
            self.file = Mutex(file)
            return
        }
    }

    /// The file stays: removing it would let two processes lock two different files of that name.
    func unlock() {
        file.withLock { file in
            file?.unlock()
            file = nil
        }
    }

    private static func names(_ path: String, _ file: Descriptor) throws(FileFailure) -> Bool {
        var named = stat()
        guard unsafe stat(path, &named) == 0 else { return false }
        let held = try file.status()
        return named.st_dev == held.st_dev && named.st_ino == held.st_ino
    }
}
