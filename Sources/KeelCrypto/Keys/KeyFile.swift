import KeelBase

/// Why a key file cannot be used.
package struct KeyFileFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Others than the owner may read or write it.
        case tooOpen = "key_file_too_open"
        /// Not one line with the prefix and 32 bytes.
        case malformed = "key_file_malformed"
        /// The system would not let it be read or written.
        case inaccessible = "key_file_inaccessible"
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

/// A file with one key of 32 bytes: the vault's, or the project's.
///
/// One line, `mailkeel-key-v1:` and base64url without padding; the prefix lets secret scanners and people see what
/// it is.
package enum KeyFile {
    private static let prefix = Array("mailkeel-key-v1:".utf8)
    private static let keyLength = 32

    /// The key in the file; nil if there is none.
    package static func load(_ path: String, _ files: any FileStore) throws(KeyFileFailure) -> Secret? {
        let mode: UInt32
        let content: [UInt8]
        do throws(FileFailure) {
            guard let foundMode = try files.mode(path), let found = try files.read(path, limit: 1024) else {
                return nil
            }
            (mode, content) = (foundMode, found)
        } catch {
            throw KeyFileFailure(error, path)
        }
        guard mode & 0o077 == 0 else {
            throw KeyFileFailure(code: .tooOpen, path, "others may read or write it")
        }
        return try key(in: content, path)
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
        let key = RandomBytes.secret(count: keyLength)
        do throws(FileFailure) {
            if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
                try files.createDirectory(String(path[..<slash]))
            }
            try files.create(path, with: prefix + Base64.encode(key.reveal(), .url) + [UInt8(ascii: "\n")])
        } catch {
            throw KeyFileFailure(error, path)
        }
        return key
    }

    private static func key(in content: [UInt8], _ path: String) throws(KeyFileFailure) -> Secret {
        var line = content[...]
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        guard line.starts(with: prefix), let bytes = Base64.decode(line.dropFirst(prefix.count), .url),
            bytes.count == keyLength
        else {
            throw KeyFileFailure(code: .malformed, path, "is not one line with mailkeel-key-v1: and a key of 32 bytes")
        }
        return Secret(copying: bytes)
    }
}
