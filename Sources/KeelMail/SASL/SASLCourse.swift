import KeelBase

/// One mechanism's side of an exchange, without base 64 and without a protocol around it.
protocol SASLCourse: Sendable {
    /// What the client says unasked; nil where the server begins.
    var initialResponse: SASLResponse? { get }

    /// Answers a challenge; `nil` is one that is no base 64. `mask` cuts out of words that are kept what they repeat of the
    /// credential.
    mutating func answer(
        to challenge: [UInt8]?, mask: inout CredentialMask
    ) throws(MailFailure) -> SASLResponse

    /// What the server said against the login inside the mechanism.
    var error: MechanismError? { get }

    /// Why a server's success would not be believed at this point; nil when it would.
    var doubt: MailFailure.Violation? { get }
}

/// What a mechanism says.
struct SASLResponse: Sendable {
    let bytes: Secret
    /// Whether a server that keeps it knows the credential, or can try guesses against it.
    let holdsCredential: Bool

    init(_ bytes: [UInt8], holdsCredential: Bool) {
        self.bytes = Secret(copying: bytes)
        self.holdsCredential = holdsCredential
    }

    static let empty = SASLResponse([], holdsCredential: false)
}
