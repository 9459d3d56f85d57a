import KeelBase

/// What XOAUTH2 and OAUTHBEARER have in common: one message, and a challenge only ever brings an error.
private struct Bearer: Sendable {
    var error: MechanismError?
    private var wasChallenged = false
    private var wasRefused = false

    /// An empty challenge after the message is no error; some servers ask so once more.
    mutating func take(_ challenge: [UInt8]?, _ mask: inout CredentialMask) throws(MailFailure) {
        guard !wasChallenged else { throw MailFailure(.protocolViolation(.repeatedChallenge)) }
        wasChallenged = true
        wasRefused = challenge?.isEmpty != true
        if let challenge { error = MechanismError(json: mask.applied(to: challenge)) }
    }

    var doubt: MailFailure.Violation? { wasRefused ? .successAfterRefusal : nil }

    /// The token as bytes; printable ASCII (RFC 6749 appendix A.12).
    static func bytes(of token: Secret) throws(MailFailure) -> [UInt8] {
        let bytes = token.reveal()
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 <= 0x7E }) else { throw MailFailure(.unusableToken) }
        return bytes
    }
}

/// XOAUTH2, as Google defined it and Microsoft took it over.
struct XOAUTH2: SASLCourse {
    let initialResponse: SASLResponse?
    private var bearer = Bearer()

    /// Throws when a value would end its field or line early.
    init(userName: String, accessToken: Secret) throws(MailFailure) {
        let user = try SASLText.userName(userName)
        let token = try Bearer.bytes(of: accessToken)
        initialResponse = SASLResponse(
            Array("user=".utf8) + user + [1] + Array("auth=Bearer ".utf8) + token + [1, 1], holdsCredential: true)
    }

    /// An error is answered by an empty line.
    mutating func answer(
        to challenge: [UInt8]?, mask: inout CredentialMask
    ) throws(MailFailure) -> SASLResponse {
        try bearer.take(challenge, &mask)
        return .empty
    }

    var error: MechanismError? { bearer.error }
    var doubt: MailFailure.Violation? { bearer.doubt }
}

/// OAUTHBEARER (RFC 7628).
struct OAuthBearer: SASLCourse {
    let initialResponse: SASLResponse?
    private var bearer = Bearer()

    /// `endpoint` is the server that the connection is to; a token for another is to be refused there (section 3.1).
    init(userName: String, accessToken: Secret, endpoint: HostPort) throws(MailFailure) {
        let user = SASLText.gs2Name(try SASLText.userName(userName))
        let token = try Bearer.bytes(of: accessToken)
        let place = "\u{1}host=\(endpoint.host)\u{1}port=\(endpoint.port)\u{1}auth=Bearer "
        initialResponse = SASLResponse(
            Array("n,a=".utf8) + user + Array(",".utf8) + Array(place.utf8) + token + [1, 1], holdsCredential: true)
    }

    /// An error is answered by one ^A (section 3.2.3).
    mutating func answer(
        to challenge: [UInt8]?, mask: inout CredentialMask
    ) throws(MailFailure) -> SASLResponse {
        try bearer.take(challenge, &mask)
        return bearer.doubt == nil ? .empty : SASLResponse([1], holdsCredential: false)
    }

    var error: MechanismError? { bearer.error }
    var doubt: MailFailure.Violation? { bearer.doubt }
}
