import KeelBase

extension OAuthFailure {
    /// What went wrong, decided by codes and statuses alone, never by a server's free text.
    package enum Kind: Sendable, Hashable {
        // RFC 6749 section 5.2
        case invalidRequest
        /// The provider does not know the client, or not with this secret.
        case invalidClient
        /// The code, refresh token or assertion is expired, revoked or not this client's.
        case invalidGrant
        /// The client may not use this grant type.
        case unauthorizedClient
        case unsupportedGrantType
        case invalidScope
        // RFC 6749 section 4.1.2.1
        case accessDenied
        case serverError
        case temporarilyUnavailable
        // OpenID Connect Core section 3.1.2.6; Microsoft's token endpoint uses them too
        case interactionRequired
        case loginRequired
        case consentRequired
        case accountSelectionRequired
        // RFC 6749 section 4.1.2.1
        case unsupportedResponseType
        // RFC 8707 section 2
        case invalidTarget
        // RFC 8628 section 3.5
        case authorizationPending
        case slowDown
        case expiredToken
        // Microsoft's words for what RFC 8628 calls access_denied, and for a device code that it does not know
        case authorizationDeclined
        case badVerificationCode
        // RFC 7009 section 2.2.1
        case unsupportedTokenType
        // RFC 6750 section 3.1
        case invalidToken
        case insufficientScope
        /// An `error` that no specification above knows; `answer.code` has it.
        case unrecognized
        /// 400, 401 or 403 without a word: most often a wrong client id or secret.
        case emptyRefusal(status: Int)
        /// An HTTP status without an OAuth error: a proxy, a redirect, a server out of order.
        case http(status: Int)
        /// A success that cannot be used.
        case malformed(Malformation)
        /// What a browser brought back cannot be used.
        case answerUnusable(AnswerFault)
        /// The issuer to discover is no https URL, or has a query (RFC 8414 section 2).
        case invalidIssuer
        /// Metadata was found only for another issuer (RFC 8414 section 3.3).
        case metadataMismatch
        case metadataNotFound
    }

    /// What made a success unusable.
    package enum Malformation: String, Sendable {
        case bodyEmpty = "the body is empty"
        case bodyHTML = "the body is an HTML page"
        case bodyNotJSON = "the body is not a JSON object"
        case bodyTooLarge = "the body is too large"
        case accessTokenMissing = "access_token is missing"
        case accessTokenUnusable = "access_token holds characters that no token may hold"
        case tokenTypeUnsupported = "token_type is not Bearer"
        case deviceCodeMissing = "device_code is missing"
        case userCodeUnusable = "user_code is missing or cannot be shown"
        case verificationURIUnusable = "verification_uri is missing or no web address"
        case activeMissing = "active is missing"
        case claimsMissing = "no claim about a person is in it"
        case requestURIMissing = "request_uri is missing"
        case tokensForNothing = "tokens were issued for a token that is none"
    }

    /// What made the answer that a browser brought back unusable.
    package enum AnswerFault: String, Sendable {
        case stateMissing = "state is missing, so nothing shows that the answer belongs to this request"
        case stateMismatch = "state is another request's: an older link, or an answer that somebody else made"
        case issuerMissing = "iss is missing, although the provider announces it"
        case issuerMismatch = "iss names another provider"
        case codeMissing = "there is neither a code nor an error in it"
        case codeUnusable = "code holds characters that no code may hold"
    }
}

extension OAuthFailure.Kind {
    /// The stable name; an OAuth error's is the one on the wire.
    package var code: String {
        switch self {
        case .invalidRequest: "invalid_request"
        case .invalidClient: "invalid_client"
        case .invalidGrant: "invalid_grant"
        case .unauthorizedClient: "unauthorized_client"
        case .unsupportedGrantType: "unsupported_grant_type"
        case .invalidScope: "invalid_scope"
        case .accessDenied: "access_denied"
        case .serverError: "server_error"
        case .temporarilyUnavailable: "temporarily_unavailable"
        case .interactionRequired: "interaction_required"
        case .loginRequired: "login_required"
        case .consentRequired: "consent_required"
        case .accountSelectionRequired: "account_selection_required"
        case .unsupportedResponseType: "unsupported_response_type"
        case .invalidTarget: "invalid_target"
        case .authorizationPending: "authorization_pending"
        case .slowDown: "slow_down"
        case .expiredToken: "expired_token"
        case .authorizationDeclined: "authorization_declined"
        case .badVerificationCode: "bad_verification_code"
        case .unsupportedTokenType: "unsupported_token_type"
        case .invalidToken: "invalid_token"
        case .insufficientScope: "insufficient_scope"
        case .unrecognized: "unrecognized_error"
        case .emptyRefusal: "empty_refusal"
        case .http: "http_error"
        case .malformed: "malformed_response"
        case .answerUnusable: "unusable_answer"
        case .invalidIssuer: "invalid_issuer"
        case .metadataMismatch: "metadata_mismatch"
        case .metadataNotFound: "metadata_not_found"
        }
    }

    /// The kind that an `error` member names.
    init(errorCode: String) {
        self = Self.onTheWire.first { $0.code == errorCode } ?? .unrecognized
    }

    /// The kinds whose code a server sends.
    private static let onTheWire: [Self] = [
        .invalidRequest, .invalidClient, .invalidGrant, .unauthorizedClient, .unsupportedGrantType, .invalidScope,
        .accessDenied, .serverError, .temporarilyUnavailable, .interactionRequired, .loginRequired,
        .consentRequired, .accountSelectionRequired, .unsupportedResponseType, .invalidTarget, .authorizationPending,
        .slowDown, .expiredToken, .authorizationDeclined, .badVerificationCode, .unsupportedTokenType, .invalidToken,
        .insufficientScope,
    ]

    /// What is wrong in particular, in our words.
    package var detail: String? {
        switch self {
        case .malformed(let malformation): malformation.rawValue
        case .answerUnusable(let fault): fault.rawValue
        default: nil
        }
    }

    /// What repeating can do, after an answer with this status.
    func transience(status: Int) -> OAuthFailure.Transience {
        // Whatever the body says, these two statuses speak of load (RFC 6585 section 4, RFC 9110 section 15.6.4).
        if status == 429 || status == 503 { return .transient }
        return switch self {
        case .serverError, .temporarilyUnavailable, .authorizationPending, .slowDown: .transient
        case .invalidGrant, .accessDenied, .interactionRequired, .loginRequired, .consentRequired,
            .accountSelectionRequired, .expiredToken, .authorizationDeclined, .badVerificationCode, .invalidToken,
            .answerUnusable:
            .needsPerson
        case .unrecognized, .http: Self.isPassing(status) ? .transient : .permanent
        case .invalidRequest, .invalidClient, .unauthorizedClient, .unsupportedGrantType, .invalidScope,
            .unsupportedResponseType, .invalidTarget, .unsupportedTokenType, .insufficientScope, .emptyRefusal,
            .malformed, .invalidIssuer, .metadataMismatch, .metadataNotFound:
            .permanent
        }
    }

    /// Statuses that a later request may not meet; 501 and 505 state what a server cannot do.
    static func isPassing(_ status: Int) -> Bool {
        switch status {
        case 408, 425, 429: true
        case 501, 505: false
        case 500...599: true
        default: false
        }
    }
}
