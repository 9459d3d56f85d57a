/// Why a file could not be read or written.
package struct FileFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case permissionDenied, noSpace, readOnly, isDirectory, notDirectory, tooLarge, exists, other
    }

    package let code: Code
    package let path: String
    /// What was attempted: `open`, `fsync`, `rename`.
    package let operation: String
    /// The system's words.
    package let reason: String

    package init(code: Code, path: String, operation: String, reason: String) {
        self.code = code
        self.path = path
        self.operation = operation
        self.reason = reason
    }

    package var description: String { "\(path): \(operation): \(reason)" }
}

/// One name in a directory.
package struct DirectoryEntry: Sendable, Hashable {
    package enum Kind: Sendable { case file, directory, other }
    package let name: String
    package let kind: Kind

    package init(name: String, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// The beginning of a file.
package struct FileHead: Sendable, Equatable {
    package let bytes: [UInt8]
    /// The size of the whole file.
    package let size: Int

    package init(bytes: [UInt8], size: Int) {
        self.bytes = bytes
        self.size = size
    }
}

/// A file that only grows.
package protocol AppendingFile: Sendable {
    /// Adds `bytes` at the end; they are durable only after `synchronize()`.
    func append(_ bytes: [UInt8]) throws(FileFailure)
    /// Returns when everything appended so far is on stable storage.
    func synchronize() throws(FileFailure)
    func close()
}

/// A lock that the kernel owns: it goes when the process goes, however that happens.
package protocol FileLock: Sendable {
    func unlock()
}

/// The file system, as everything that is stored sees it.
///
/// Files are created with mode 0600 and directories with 0700; nothing is ever truncated in place. Calls block;
/// they are short.
package protocol FileStore: Sendable {
    /// The whole file; nil if there is none. Throws `.tooLarge` above `limit` bytes.
    func read(_ path: String, limit: Int) throws(FileFailure) -> [UInt8]?
    /// The first `count` bytes of the file, or all of it if it is shorter; nil if there is none.
    func head(of path: String, count: Int) throws(FileFailure) -> FileHead?
    /// Replaces the file in one step: temporary file beside it, fsync, rename, fsync of the directory.
    func replace(_ path: String, with bytes: [UInt8]) throws(FileFailure)
    /// Replaces a file of somebody's own in one step, as `replace` does, and lets it keep its permissions and its owner;
    /// where the path is a symbolic link, the file that it leads to.
    func rewrite(_ path: String, with bytes: [UInt8]) throws(FileFailure)
    /// Creates the file with these bytes, durably; throws `.exists` if there is one.
    func create(_ path: String, with bytes: [UInt8]) throws(FileFailure)
    /// Keeps the file, as it is now, under another name as well, durably. Nothing happens if it is kept there already;
    /// throws `.exists` if something else is there.
    func preserve(_ path: String, as other: String) throws(FileFailure)
    /// Opens the file for appending, creating it (durably) if there is none.
    func openAppending(_ path: String) throws(FileFailure) -> any AppendingFile
    /// Removes what a killed writer left beside `path`; never what somebody is still writing.
    func removeLeftovers(of path: String)
    /// Removes what killed writers left in a directory whose files all have names of their own, so that nobody writes the same
    /// one again; never what somebody is still writing.
    func removeLeftovers(in directory: String)
    /// Removes the file durably; nothing happens if there is none.
    func remove(_ path: String) throws(FileFailure)
    /// Creates the directory and those above it; nothing happens if it is there.
    func createDirectory(_ path: String) throws(FileFailure)
    /// The names in a directory in byte order, without `.` and `..`.
    func list(_ path: String) throws(FileFailure) -> [DirectoryEntry]
    /// The file's permission bits; nil if there is none.
    func mode(_ path: String) throws(FileFailure) -> UInt32?
    /// Where the file or directory really is, with no symbolic link in its path; nil if there is none.
    func resolved(_ path: String) throws(FileFailure) -> String?
    /// Takes an exclusive lock on the file (creating it), or returns nil at once if another holds it.
    func lock(_ path: String) throws(FileFailure) -> (any FileLock)?
}

extension FileStore {
    package func head(of path: String, count: Int) throws(FileFailure) -> FileHead? {
        guard let bytes = try read(path, limit: .max) else { return nil }
        return FileHead(bytes: Array(bytes.prefix(count)), size: bytes.count)
    }

    /// Nothing, where no writer can be killed.
    package func removeLeftovers(in directory: String) {}

    /// Without permissions, where there are none.
    package func rewrite(_ path: String, with bytes: [UInt8]) throws(FileFailure) { try replace(path, with: bytes) }

    /// The path itself, where there are no links.
    package func resolved(_ path: String) throws(FileFailure) -> String? { path }

    /// By a copy, where the file system has no better way.
    package func preserve(_ path: String, as other: String) throws(FileFailure) {
        guard let bytes = try read(path, limit: .max) else {
            throw FileFailure(code: .other, path: path, operation: "link", reason: "there is no such file")
        }
        do throws(FileFailure) {
            try create(other, with: bytes)
        } catch {
            guard error.code == .exists, try read(other, limit: .max) == bytes else { throw error }
        }
    }
}
