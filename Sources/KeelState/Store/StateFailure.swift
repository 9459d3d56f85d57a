import KeelBase

/// Why the state cannot be read or written.
package struct StateFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Not what this or an older version wrote.
        case corrupt = "state.corrupt"
        /// Written by a newer version.
        case newerFormat = "state.newer-format"
        /// Larger than what is read.
        case tooLarge = "state.too-large"
        /// Another run holds the lock.
        case locked = "state.locked"
        /// The lock's record has another id.
        case notTheHolder = "state.not-the-holder"
        /// The journal belongs to another state.
        case foreignJournal = "state.foreign-journal"
        /// A journal of an earlier run is still to be folded in.
        case unfinishedRun = "state.unfinished-run"
        /// What should replace the state began as another one.
        case otherLineage = "state.other-lineage"
        /// What should replace the state is older than it.
        case olderSerial = "state.older-serial"
        /// The file system refused.
        case file = "state.file"
    }

    package let code: Code
    package let path: String
    package let reason: String
    /// What mends it.
    package let remedy: String
    /// Who holds the lock, when that is the reason.
    package let holder: LockRecord?

    package init(_ code: Code, path: String, _ reason: String, remedy: String? = nil, holder: LockRecord? = nil) {
        self.code = code
        self.path = path
        self.reason = reason
        self.remedy = remedy ?? code.remedy
        self.holder = holder
    }

    init(_ failure: FileFailure) {
        if failure.code == .tooLarge, failure.operation == "read" {
            self.init(.tooLarge, path: failure.path, "it \(failure.reason)")
        } else {
            self.init(.file, path: failure.path, "\(failure.operation): \(failure.reason)")
        }
    }

    package var description: String { "\(path): \(reason)" }
}

extension StateFailure {
    /// Bytes that are no state: names the line, and the address where it is one record.
    static func corrupt(
        _ path: String, _ fault: ReadingFault, in bytes: [UInt8], at address: ResourceAddress? = nil
    ) -> StateFailure {
        let place = address.map { "\($0): " } ?? ""
        return StateFailure(
            .corrupt, path: path, "line \(fault.line(in: bytes)): \(ForeignText(place + fault.reason))")
    }

    static func newerFormat(_ path: String, _ version: Int, known: Int) -> StateFailure {
        StateFailure(
            .newerFormat, path: path, "it has format \(version), and this version of Mailkeel knows \(known)")
    }
}

extension StateFailure.Code {
    /// What mends it, where nothing more is known.
    fileprivate var remedy: String {
        switch self {
        case .corrupt:
            "`mailkeel state history` lists the earlier states; `mailkeel state push --force FILE` restores one; the vault still holds all grants"
        case .newerFormat: "use the newer version of Mailkeel that wrote it"
        case .tooLarge: "split the project into several, each with a state of its own"
        case .locked: "wait until the other run has ended, then try again; --lock-timeout waits for it"
        case .notTheHolder: "look who holds the lock now, and unlock that id if its process is gone"
        case .foreignJournal:
            "if the state was restored from a backup, move the journal away; its lines name what the other state had committed"
        case .unfinishedRun: "run `mailkeel apply` first: it folds in what the earlier run has committed"
        case .otherLineage: "if it should replace this state all the same, push it with --force"
        case .olderSerial: "pull the state again and repeat the change on it, or push with --force to go back"
        case .file: "check the path, its permissions and the free space"
        }
    }
}
