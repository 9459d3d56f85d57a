import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelEngine
import KeelPlan

/// Rows of made-up runs.
enum Rows {
    static let profile = ResourceAddress(.oauthProfile, "m365")
    static let slot = ResourceAddress.authorization(profile: "m365", subject: "desk@example.com")

    static func account(_ name: String) -> ResourceAddress { ResourceAddress(.emailAccount, name) }

    static func row(
        _ address: ResourceAddress, _ outcome: RunReport.Outcome, _ action: Action? = .create
    ) -> RunReport.Row { RunReport.Row(address: address, action: action, outcome: outcome) }

    static func failure(_ weight: StepFailure.Weight, _ code: String = "mail.authentication_failed") -> StepFailure {
        StepFailure(Diagnostic(.error, code, "it failed"), weight: weight)
    }

    static let consent = PendingAction(message: "desk@example.com must consent", help: "run mailkeel authorize")
}

/// Testing has a type of this name too.
typealias Status = KeelCLI.ExitStatus
