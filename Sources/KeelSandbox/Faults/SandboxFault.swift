/// A mishap to order, by the name that `--fault NAME` takes.
///
/// Faults combine: each touches one thing, and of two that touch the same one the first in this list is met.
package enum SandboxFault: String, Sendable, CaseIterable {
    case tokenConnectionRefused = "token-connection-refused"

    // What any endpoint may do instead of its work.
    case tokenLost = "token-lost"
    case tokenUnavailable = "token-unavailable"
    case tokenTooMany = "token-too-many"
    case tokenTooManyDate = "token-too-many-date"
    case tokenServerError = "token-server-error"
    case tokenRedirect = "token-redirect"
    case tokenHTML = "token-html"
    case tokenEmpty = "token-empty"
    case tokenHuge = "token-huge"
    case tokenOAuthError = "token-oauth-error"
    case tokenMicrosoftError = "token-microsoft-error"
    case tokenGoogleError = "token-google-error"
    // What any endpoint may do beside its work.
    case tokenSlow = "token-slow"
    case tokenDelayed = "token-delayed"
    case tokenTrickle = "token-trickle"
    case tokenDropped = "token-dropped"

    // What a token answer may hold.
    case tokenExpiresInString = "token-expires-in-string"
    case tokenExpiresInMissing = "token-expires-in-missing"
    case tokenExpiresInNegative = "token-expires-in-negative"
    case tokenType = "token-type"
    case tokenScopeMissing = "token-scope-missing"
    case tokenScopesFewer = "token-scopes-fewer"
    case tokenScopesMore = "token-scopes-more"
    case tokenNoRefresh = "token-no-refresh"
    case tokenNoIDToken = "token-no-id-token"
    case idTokenWrongIssuer = "id-token-wrong-issuer"
    case idTokenWrongAudience = "id-token-wrong-audience"
    case idTokenWrongNonce = "id-token-wrong-nonce"
    case idTokenClockSkew = "id-token-clock-skew"

    // What may come of a consent.
    case consentOtherUser = "consent-other-user"
    case redirectWrongIssuer = "redirect-wrong-issuer"
    case redirectNoIssuer = "redirect-no-issuer"
    case redirectWrongState = "redirect-wrong-state"
    case devicePending = "device-pending"
    case deviceSlowDown = "device-slow-down"
    case deviceDeclined = "device-declined"
    case deviceExpired = "device-expired"

    // What the provider may say of itself.
    case metadataWrongIssuer = "metadata-wrong-issuer"
    case metadataForeignEndpoint = "metadata-foreign-endpoint"
    case metadataMinimal = "metadata-minimal"
    case providerDateSkew = "provider-date-skew"
    case providerCertificateExpired = "provider-certificate-expired"
    case providerCertificateWrongHost = "provider-certificate-wrong-host"
    case providerCertificateUntrusted = "provider-certificate-untrusted"

    case imapClosesAfterGreeting = "imap-closes-after-greeting"
    case imapNoXOAUTH2 = "imap-no-xoauth2"
    case imapUnavailable = "imap-unavailable"
    case imapLoginRefused = "imap-login-refused"
    case imapCertificateExpired = "imap-certificate-expired"
    case imapCertificateWrongHost = "imap-certificate-wrong-host"
    case imapCertificateUntrusted = "imap-certificate-untrusted"
}

extension SandboxFault {
    /// Whether any endpoint of the provider may have it, not only the token endpoint.
    package var isOfAnyEndpoint: Bool {
        switch self {
        case .tokenLost, .tokenUnavailable, .tokenTooMany, .tokenTooManyDate, .tokenServerError, .tokenRedirect,
            .tokenHTML, .tokenEmpty, .tokenHuge, .tokenOAuthError, .tokenMicrosoftError, .tokenGoogleError, .tokenSlow,
            .tokenDelayed, .tokenTrickle, .tokenDropped:
            true
        default: false
        }
    }

    /// Whether it must be ordered when the sandbox starts.
    package var isOfStart: Bool {
        switch self {
        case .tokenConnectionRefused, .providerCertificateExpired, .providerCertificateWrongHost,
            .providerCertificateUntrusted, .imapCertificateExpired, .imapCertificateWrongHost,
            .imapCertificateUntrusted:
            true
        default: false
        }
    }

    /// Those of the IMAP server's answers.
    static let ofIMAP: [SandboxFault] = [
        .imapClosesAfterGreeting, .imapNoXOAUTH2, .imapUnavailable, .imapLoginRefused,
    ]

    /// What may be given after `=`, and what holds without it; nil for a fault without a value.
    package var parameter: (meaning: String, standard: String)? {
        switch self {
        case .tokenUnavailable, .tokenTooMany, .tokenTooManyDate: ("seconds", "7")
        case .tokenServerError: ("status", "500")
        case .tokenRedirect: ("status", "307")
        case .tokenOAuthError: ("error", "invalid_grant")
        case .tokenMicrosoftError: ("number, and after a dot the suberror", "700082")
        case .tokenGoogleError: ("error, or invalid_rapt", "invalid_grant")
        case .tokenSlow: ("milliseconds", "60000")
        case .tokenDelayed: ("milliseconds", "500")
        case .tokenTrickle: ("milliseconds", "1000")
        case .tokenType: ("word", "bearer")
        case .tokenScopesFewer: ("scope", "mail")
        case .tokenScopesMore: ("scope", "calendar")
        case .idTokenClockSkew: ("seconds", "-7200")
        case .providerDateSkew: ("seconds", "600")
        case .consentOtherUser: ("user", "lead@sandbox.example")
        default: nil
        }
    }
}

extension SandboxFault {
    /// What a client meets, in one line.
    package var summary: String {
        switch self {
        case .tokenConnectionRefused: "nothing listens where the OAuth provider should be"
        case .tokenLost: "the token endpoint closes the connection without doing or saying anything"
        case .tokenUnavailable: "the token endpoint answers 503 with Retry-After: 7"
        case .tokenTooMany: "the token endpoint answers 429 with Retry-After in seconds"
        case .tokenTooManyDate: "the token endpoint answers 429 with Retry-After as a date"
        case .tokenServerError: "the token endpoint answers 500 without a word"
        case .tokenRedirect: "the token endpoint answers 307 and names another host"
        case .tokenHTML: "the token endpoint answers 200 with an HTML page, as a captive portal does"
        case .tokenEmpty: "the token endpoint answers 200 with nothing"
        case .tokenHuge: "the token endpoint answers 200 with two megabytes"
        case .tokenOAuthError: "the token endpoint refuses with an error of RFC 6749"
        case .tokenMicrosoftError: "the token endpoint refuses as Microsoft does, with an AADSTS number"
        case .tokenGoogleError: "the token endpoint refuses as Google does"
        case .tokenSlow: "the token endpoint takes a minute before it begins"
        case .tokenDelayed: "the token endpoint does its work, and answers half a second later"
        case .tokenTrickle: "the token endpoint does its work, and sends its answer byte by byte, one in a second"
        case .tokenDropped: "the token endpoint does its work, and closes the connection without an answer"
        case .tokenExpiresInString: "expires_in is a text"
        case .tokenExpiresInMissing: "expires_in is missing"
        case .tokenExpiresInNegative: "expires_in is -1"
        case .tokenType: "token_type is written otherwise, or is another one"
        case .tokenScopeMissing: "the answer does not say which scopes were granted"
        case .tokenScopesFewer: "one scope is not granted"
        case .tokenScopesMore: "a scope is granted that nobody asked for"
        case .tokenNoRefresh: "no refresh token comes"
        case .tokenNoIDToken: "no ID token comes"
        case .idTokenWrongIssuer: "the ID token names another issuer"
        case .idTokenWrongAudience: "the ID token is for another client"
        case .idTokenWrongNonce: "the ID token has another nonce"
        case .idTokenClockSkew: "the ID token's times are off; two hours back without a value, so that it has expired"
        case .consentOtherUser: "another person consents than the one who was expected"
        case .redirectWrongIssuer: "the redirect names another issuer"
        case .redirectNoIssuer: "the redirect names no issuer"
        case .redirectWrongState: "the redirect has another state"
        case .devicePending: "polls are answered with authorization_pending, whatever the person said"
        case .deviceSlowDown: "polls are answered with slow_down, and the interval grows each time"
        case .deviceDeclined: "polls are answered with authorization_declined, as Microsoft spells it"
        case .deviceExpired: "polls are answered with expired_token"
        case .metadataWrongIssuer: "the metadata names another issuer"
        case .metadataForeignEndpoint: "the metadata names a token endpoint on another host"
        case .metadataMinimal: "the metadata names the endpoints for authorization and tokens, and no other"
        case .providerDateSkew: "the provider's clock, in its Date header, is ten minutes ahead"
        case .providerCertificateExpired: "the provider's certificate expired a month ago"
        case .providerCertificateWrongHost: "the provider's certificate names other.sandbox.example"
        case .providerCertificateUntrusted: "the provider's certificate comes from another authority than ca.pem"
        case .imapClosesAfterGreeting: "the IMAP server greets and closes the connection"
        case .imapNoXOAUTH2: "the IMAP server does not offer XOAUTH2"
        case .imapUnavailable: "the IMAP server answers every login with NO [UNAVAILABLE]"
        case .imapLoginRefused: "the IMAP server refuses every token with NO [AUTHENTICATIONFAILED]"
        case .imapCertificateExpired: "the IMAP server's certificate expired a month ago"
        case .imapCertificateWrongHost: "the IMAP server's certificate names other.sandbox.example"
        case .imapCertificateUntrusted: "the IMAP server's certificate comes from another authority than ca.pem"
        }
    }

    /// All faults as a Markdown table.
    package static var table: String {
        let rows = allCases.map { fault in
            let value = fault.parameter.map { "\($0.meaning); `\($0.standard)`" } ?? ""
            return "| `\(fault.rawValue)` | \(value) | \(fault.summary) |"
        }
        return (["| Fault | Value, and what it is without one | What a client meets |", "| --- | --- | --- |"] + rows)
            .joined(separator: "\n") + "\n"
    }
}
