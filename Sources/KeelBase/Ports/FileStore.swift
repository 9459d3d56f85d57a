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
    /// Replaces the file in one step: temporary file beside it, fsync, rename, fsync of the directory.
    func replace(_ path: String, with bytes: [UInt8]) throws(FileFailure)
    /// Creates the file with these bytes, durably; throws `.exists` if there is one.
    func create(_ path: String, with bytes: [UInt8]) throws(FileFailure)
    /// Opens the file for appending, creating it (durably) if there is none.
    func openAppending(_ path: String) throws(FileFailure) -> any AppendingFile
    /// Removes what a killed writer left beside `path`; never what somebody is still writing.
    func removeLeftovers(of path: String)
    /// Removes the file durably; nothing happens if there is none.
    func remove(_ path: String) throws(FileFailure)
    /// Creates the directory and those above it; nothing happens if it is there.
    func createDirectory(_ path: String) throws(FileFailure)
    /// The names in a directory in byte order, without `.` and `..`.
    func list(_ path: String) throws(FileFailure) -> [DirectoryEntry]
    /// The file's permission bits; nil if there is none.
    func mode(_ path: String) throws(FileFailure) -> UInt32?
    /// Takes an exclusive lock on the file (creating it), or returns nil at once if another holds it.
    func lock(_ path: String) throws(FileFailure) -> (any FileLock)?
}
