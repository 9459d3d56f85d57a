import Glibc
import KeelBase

/// Why a secret cannot be taken from a file.
package struct SecretFileFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case missing = "secret_file_missing"
        /// Others than the owner may read or write it.
        case tooOpen = "secret_file_too_open"
        case tooLarge = "secret_file_too_large"
        /// A directory, a pipe or a device.
        case notAFile = "secret_file_not_a_file"
        case empty = "secret_file_empty"
        /// The system would not let it be read.
        case inaccessible = "secret_file_inaccessible"
    }

    package let code: Code
    package let path: String
    /// What is wrong and what mends it.
    package let reason: String

    init(_ code: Code, _ path: String, _ reason: String) {
        self.code = code
        self.path = path
        self.reason = reason
    }

    package var description: String { "secret file \(path): \(reason)" }
}

/// Secrets that stand in files, as mounted by systemd, Kubernetes or a person.
package enum SecretFile {
    /// The longest file that is read, in bytes.
    package static let limit = 64 * 1024

    /// The content, without one line end after it.
    ///
    /// Mode and kind are asked of the open file, so that nothing can be put in its place in between.
    package static func read(_ path: String) throws(SecretFileFailure) -> Secret {
        let status: stat
        var content: [UInt8] = []
        defer { for index in content.indices { content[index] = 0 } }
        do throws(FileFailure) {
            // Non-blocking, not to wait for the writer of what turns out to be a pipe.
            let file = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK)
            status = try file.status()
            if fault(of: status) == nil { content = try file.readAll(limit: limit) }
        } catch {
            throw SecretFileFailure(code(error, path), path, error.reason)
        }
        if let (code, reason) = fault(of: status) { throw SecretFileFailure(code, path, reason) }
        let secret = Secret(copying: content).withoutLineEnd
        guard !secret.isEmpty else { throw SecretFileFailure(.empty, path, "holds nothing") }
        return secret
    }

    private static func fault(of status: stat) -> (SecretFileFailure.Code, String)? {
        guard status.st_mode & S_IFMT == S_IFREG else { return (.notAFile, "is not a regular file") }
        guard status.st_mode & 0o077 == 0 else {
            return (.tooOpen, "others than its owner may read or write it; run `chmod 600` on it")
        }
        return nil
    }

    private static func code(_ failure: FileFailure, _ path: String) -> SecretFileFailure.Code {
        switch failure.code {
        case .tooLarge: .tooLarge
        case .isDirectory: .notAFile
        case .other where unsafe access(path, F_OK) != 0: .missing
        default: .inaccessible
        }
    }
}
