import Glibc
import KeelBase

/// A file `.NAME.tmp-XXXX` beside the one that it will become.
///
/// It holds a kernel lock while it is being written. So whoever finds one that nobody has locked knows that its
/// writer was killed, and may remove it.
struct TemporaryFile: ~Copyable {
    private let descriptor: Descriptor
    private let path: String
    private let target: String

    /// Makes an empty one for `target`.
    init(besides target: String) throws(FileFailure) {
        self.target = target
        while true {
            let path = Self.prefix(of: target).path + String(UInt64.random(in: .min ... .max), radix: 36)
            let file: Descriptor
            do throws(FileFailure) {
                file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, calling: target)
            } catch  where error.code == .exists {
                continue
            }
            // Between creating and locking somebody may have taken it for a leftover. Where there are no locks,
            // nobody can.
            if (try? file.lockIfFree()) ?? true, try file.status().st_nlink == 1 {
                descriptor = file
                self.path = path
                return
            }
            unsafe unlink(path)
        }
    }

    /// Removes the name; after a `rename` there is none.
    deinit { unsafe unlink(path) }

    /// Writes the content and makes it durable.
    func fill(_ bytes: [UInt8]) throws(FileFailure) {
        try descriptor.writeAll(bytes)
        try descriptor.synchronize()
    }

    /// Gets the permissions of another file and, as far as this process may give it away, its owner.
    func takeLooks(of status: stat) throws(FileFailure) {
        // Another's file in a directory of ours: then it becomes ours, as with every editor that replaces files.
        _ = fchown(descriptor.number, status.st_uid, status.st_gid)
        // After the owner: changing that takes bits away.
        guard fchmod(descriptor.number, status.st_mode & 0o7777) == 0 else {
            throw FileFailure("chmod", target, errno: errno)
        }
    }

    /// Takes the target's place in one step, durably.
    func takePlace() throws(FileFailure) {
        guard unsafe rename(path, target) == 0 else { throw FileFailure("rename", target, errno: errno) }
        try Directory.synchronize(containing: target)
    }

    /// Becomes the target if there is none, durably; throws `.exists` if there is one.
    func takeFreePlace() throws(FileFailure) {
        if unsafe link(path, target) == 0 {
            unsafe unlink(path)
            return try Directory.synchronize(containing: target)
        }
        let number = errno
        // Some file systems have no hard links; then looking first is the best there is.
        guard [EPERM, ENOTSUP, ENOSYS].contains(number), unsafe access(target, F_OK) != 0 else {
            throw FileFailure("link", target, errno: number)
        }
        try takePlace()
    }

    /// Removes what killed writers left beside `target`. A failure to do so harms nobody and is not reported.
    static func removeLeftovers(of target: String) {
        let (directory, name, _) = prefix(of: target)
        sweep(directory) { $0.hasPrefix(name) }
    }

    /// The same for whatever was to be written in a directory.
    static func removeLeftovers(in directory: String) {
        sweep(directory) { $0.hasPrefix(".") && $0.contains(mark) }
    }

    private static func sweep(_ directory: String, _ isLeftover: (String) -> Bool) {
        guard let entries = try? Directory.entries(of: directory) else { return }
        for entry in entries where entry.kind == .file && isLeftover(entry.name) {
            let path = "\(directory)/\(entry.name)"
            guard let file = try? Descriptor(opening: path, O_RDWR | O_NOFOLLOW | O_NONBLOCK),
                (try? file.lockIfFree()) == true
            else { continue }
            unsafe unlink(path)
        }
    }

    private static let mark = ".tmp-"

    private static func prefix(of target: String) -> (directory: String, name: String, path: String) {
        let directory = Directory.containing(target)
        let name = ".\(Directory.lastPart(of: target))\(mark)"
        return (directory, name, "\(directory)/\(name)")
    }
}
