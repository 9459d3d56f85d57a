import KeelBase

/// Why a key file cannot be used.
package struct KeyFileFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Others than the owner may read or write it.
        case tooOpen = "key.too-open"
        /// Not one line with the prefix and 32 bytes.
        case malformed = "key.malformed"
        /// The system would not let it be read or written.
        case inaccessible = "key.inaccessible"
    }

    package let code: Code
    package let path: String
    /// What is wrong.
    package let reason: String
    /// Whether it is `.inaccessible` for want of space.
    package let isOfFullDisk: Bool

    init(code: Code, _ path: String, _ reason: String) {
        self.code = code
        self.path = path
        self.reason = reason
        isOfFullDisk = false
    }

    /// The system refused; where it is the key file itself that it refused, the path is named once.
    init(_ failure: FileFailure, _ path: String) {
        code = .inaccessible
        self.path = path
        reason = failure.path == path ? "\(failure.operation): \(failure.reason)" : failure.description
        isOfFullDisk = failure.code == .noSpace
    }

    package var description: String { "key file \(path): \(reason)" }
}

/// A file with a key of 32 bytes: the vault's, or the project's.
///
/// One line for each key, `mailkeel-key-v1:` and base64url without padding; the prefix lets secret scanners and people see
/// what it is. The first line is the key in use. Those below it were in use before: other vaults and old backups may need them.
package enum KeyFile {
    /// Far more keys than anybody has.
    private static let sizeLimit = 16 * 1024

    /// The key in use; nil if there is no file.
    package static func load(_ path: String, _ files: any FileStore) throws(KeyFileFailure) -> Secret? {
        try loadAll(path, files).first
    }

    /// The keys in the file, the one in use first; none if there is no file.
    package static func loadAll(_ path: String, _ files: any FileStore) throws(KeyFileFailure) -> [Secret] {
        let mode: UInt32
        let content: [UInt8]
        do throws(FileFailure) {
            guard let foundMode = try files.mode(path), let found = try files.read(path, limit: sizeLimit) else {
                return []
            }
            (mode, content) = (foundMode, found)
        } catch {
            throw KeyFileFailure(error, path)
        }
        guard mode & 0o077 == 0 else {
            throw KeyFileFailure(code: .tooOpen, path, "others may read or write it")
        }
        guard let keys = KeyText.keys(in: content) else {
            throw KeyFileFailure(code: .malformed, path, "is not one line with \(KeyText.prefix) and a key of 32 bytes")
        }
        return keys
    }

    /// The key in the file, or a new one if there is none; says which, so that the user can be told where it is.
    package static func loadOrCreate(
        _ path: String, _ files: any FileStore
    ) throws(KeyFileFailure) -> (key: Secret, isNew: Bool) {
        if let key = try load(path, files) { return (key, false) }
        do throws(KeyFileFailure) {
            return (try create(path, files), true)
        } catch {
            // Another process may have been faster; then its key is the one.
            guard let key = try load(path, files) else { throw error }
            return (key, false)
        }
    }

    /// Makes a new key and stores it durably, with mode 0600, in a directory made if need be.
    ///
    /// Fails as `.inaccessible` if there is a file already.
    package static func create(_ path: String, _ files: any FileStore) throws(KeyFileFailure) -> Secret {
        let key = RandomBytes.secret(count: KeyText.keyLength)
        do throws(FileFailure) {
            if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
                try files.createDirectory(String(path[..<slash]))
            }
            try files.create(path, with: KeyText.line(key))
        } catch {
            throw KeyFileFailure(error, path)
        }
        return key
    }

    /// Makes a new key and puts it before those in the file, durably: it is the one in use from now on.
    ///
    /// Two processes that do this at once both keep their keys.
    package static func add(to path: String, _ files: any FileStore) throws(KeyFileFailure) -> Secret {
        // Before the lock, which would make a file that others can read private, and an empty one where there is none.
        guard try !loadAll(path, files).isEmpty else { return try create(path, files) }
        let key = RandomBytes.secret(count: KeyText.keyLength)
        do throws(FileFailure) {
            guard let lock = try files.lock(path) else {
                throw FileFailure(
                    code: .other, path: path, operation: "lock", reason: "another process is changing it; try again")
            }
            defer { lock.unlock() }
            guard let content = try files.read(path, limit: sizeLimit), KeyText.keys(in: content) != nil else {
                throw FileFailure(code: .other, path: path, operation: "read", reason: "it was changed meanwhile")
            }
            try files.replace(path, with: KeyText.line(key) + content)
        } catch {
            throw KeyFileFailure(error, path)
        }
        return key
    }
}
