import Glibc
import KeelBase

/// The machine's file system.
///
/// Files get mode 0600 and directories 0700 whatever the umask says. A path that is read may be a symbolic link
/// (mounted secrets are); files that are appended to or locked may not.
package struct SystemFileStore: FileStore {
    package init() {}

    package func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8]? {
        let file: Descriptor
        do throws(FileFailure) {
            file = try Descriptor(opening: path, O_RDONLY)
        } catch {
            guard try mode(path) != nil else { return nil }
            throw error
        }
        return try file.readAll(limit: limit)
    }

    package func head(of path: String, count: Int) throws(FileFailure) -> FileHead? {
        guard try mode(path) != nil else { return nil }
        let file = try Descriptor(opening: path, O_RDONLY)
        return FileHead(bytes: try file.readHead(count: count), size: Int(try file.status().st_size))
    }

    package func replace(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        TemporaryFile.removeLeftovers(of: path)
        let temporary = try TemporaryFile(besides: path)
        try temporary.fill(bytes)
        try temporary.takePlace()
    }

    package func rewrite(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        guard let resolved = unsafe realpath(path, nil) else { throw FileFailure("open", path, errno: errno) }
        defer { unsafe free(resolved) }
        let target = unsafe String(cString: resolved)
        // A rename needs no permission for the file itself, but who took it away did not want the file to change.
        let status = try Descriptor(opening: target, O_RDWR, calling: path).status()
        TemporaryFile.removeLeftovers(of: target)
        let temporary = try TemporaryFile(besides: target)
        try temporary.takeLooks(of: status)
        try temporary.fill(bytes)
        try temporary.takePlace()
    }

    package func create(_ path: String, with bytes: [UInt8]) throws(FileFailure) {
        let temporary = try TemporaryFile(besides: path)
        try temporary.fill(bytes)
        try temporary.takeFreePlace()
    }

    package func preserve(_ path: String, as other: String) throws(FileFailure) {
        do throws(FileFailure) {
            if try HardLink.make(of: path, as: other) { return }
            try create(other, with: try Descriptor(opening: path, O_RDONLY).readAll(limit: .max))
        } catch {
            guard error.code == .exists else { throw error }
            // An earlier attempt may have been cut off before it was durable.
            if !HardLink.exists(of: path, as: other) {
                let bytes = try read(path, limit: .max)
                guard bytes == (try read(other, limit: .max)) else { throw error }
            }
            try Directory.synchronize(containing: other)
        }
    }

    package func openAppending(_ path: String) throws(FileFailure) -> any AppendingFile {
        let isNew = try mode(path) == nil
        let file = try Descriptor(opening: path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW)
        if isNew { try Directory.synchronize(containing: path) }
        return AppendedFile(file)
    }

    package func removeLeftovers(of path: String) { TemporaryFile.removeLeftovers(of: path) }

    package func removeLeftovers(in directory: String) { TemporaryFile.removeLeftovers(in: directory) }

    package func remove(_ path: String) throws(FileFailure) {
        guard unsafe unlink(path) == 0 else {
            if errno == ENOENT { return }
            throw FileFailure("unlink", path, errno: errno)
        }
        try Directory.synchronize(containing: path)
    }

    package func createDirectory(_ path: String) throws(FileFailure) { try Directory.create(path) }

    package func list(_ path: String) throws(FileFailure) -> [DirectoryEntry] { try Directory.entries(of: path) }

    package func mode(_ path: String) throws(FileFailure) -> UInt32? {
        var value = stat()
        guard unsafe stat(path, &value) == 0 else {
            if errno == ENOENT { return nil }
            throw FileFailure("stat", path, errno: errno)
        }
        return value.st_mode & 0o7777
    }

    package func resolved(_ path: String) throws(FileFailure) -> String? {
        guard let resolved = unsafe realpath(path, nil) else {
            if errno == ENOENT { return nil }
            throw FileFailure("open", path, errno: errno)
        }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    package func lock(_ path: String) throws(FileFailure) -> (any FileLock)? { try KernelLock(path) }
}
