import KeelBase
import KeelSystem

/// Why a secret could not be read from its source. Never holds the secret.
package struct SecretFailure: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        case variableNotSet = "variable-not-set"
        case fileUnusable = "file-unusable"
        case commandNotFound = "command-not-found"
        case commandNotExecutable = "command-not-executable"
        case commandFailed = "command-failed"
        case commandTimedOut = "command-timed-out"
        case commandPrintedTooMuch = "command-printed-too-much"
        case commandStopped = "command-stopped"
        case notInVault = "not-in-vault"
        case vaultUnusable = "vault-unusable"
        case empty
    }

    package let code: Code
    package let reason: String
    package let remedy: String
    /// What a command said on standard error.
    package let complaint: ForeignText

    init(code: Code, reason: String, remedy: String, complaint: ForeignText = ForeignText("")) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
        self.complaint = complaint
    }
}

extension SecretFailure {
    init(_ failure: SecretFileFailure) {
        let remedy =
            switch failure.code {
            case .missing: "create it with mode 0600"
            case .tooOpen: "run chmod 600 on it"
            case .empty: "write the secret into it"
            case .tooLarge, .notAFile: "name a regular file that holds the secret alone"
            case .inaccessible: "check the path and its permissions"
            }
        self.init(
            code: failure.code == .empty ? .empty : .fileUnusable, reason: failure.description, remedy: remedy)
    }

    init(_ failure: ProcessFailure) {
        let (code, remedy): (Code, String) =
            switch failure.code {
            case .notFound:
                (
                    .commandNotFound,
                    "install it, or name it by its path; a relative path starts at the project's directory"
                )
            case .notExecutable: (.commandNotExecutable, "name a program that you may execute; chmod +x makes it one")
            case .notStarted: (.commandFailed, "run the command by hand in the project's directory to see why")
            case .timedOut:
                (
                    .commandTimedOut,
                    "it must end by itself: it can ask nobody, for it has no terminal and nothing on its standard input"
                )
            case .tooMuchOutput:
                (.commandPrintedTooMuch, "it must print the secret, and nothing else, on its standard output")
            case .stopped: (.commandStopped, "run this again")
            }
        self.init(code: code, reason: failure.reason, remedy: remedy, complaint: failure.complaint)
    }
}
