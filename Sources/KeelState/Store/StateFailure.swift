import KeelBase

/// Why the state cannot be read or written.
package struct StateFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Not what this or an older version wrote.
        case corrupt = "state.corrupt"
        /// Written by a newer version.
        case newerFormat = "state.newer-format"
        /// Another run holds the lock.
        case locked = "state.locked"
        /// The journal belongs to another state.
        case foreignJournal = "state.foreign-journal"
        /// The file system refused.
        case file = "state.file"
    }

    package let code: Code
    package let path: String
    package let reason: String
    /// Who holds the lock, when that is the reason.
    package let holder: LockRecord?

    package init(_ code: Code, path: String, _ reason: String, holder: LockRecord? = nil) {
        self.code = code
        self.path = path
        self.reason = reason
        self.holder = holder
    }

    init(_ failure: FileFailure) {
        self.init(.file, path: failure.path, "\(failure.operation): \(failure.reason)")
    }

    package var description: String { "\(path): \(reason)" }

    /// What mends it.
    package var remedy: String {
        switch code {
        case .corrupt:
            "restore the file from a backup of yours or from \(path).backup; the vault still holds all grants"
        case .newerFormat: "use the newer version of Mailkeel that wrote it"
        case .locked: "wait until the other run has ended, then try again"
        case .foreignJournal:
            "if the state was restored from a backup, move the journal away; its lines name what the other state had committed"
        case .file: "check the path, its permissions and the free space"
        }
    }
}
