import KeelBase

/// Reads what a token endpoint answers.
package enum TokenResponse {
    /// The largest body that is read, in bytes. Tokens with many claims take tens of kilobytes at most.
    package static let bodyLimit = 256 * 1024
    /// What an absent `expires_in` stands for, in seconds.
    package static let assumedLifetime: Int64 = 3600
    /// The longest lifetime that is believed, in seconds: a year. Less only means an earlier renewal.
    package static let longestLifetime: Int64 = 31_536_000

    /// The tokens in `response`, or why there are none.
    ///
    /// The body is read whatever the status: some servers put an error into a 200, others an error's
    /// JSON under any status. `withholding` are secrets of the request; a server that repeats one has
    /// it cut out of its words.
    package static func interpret(
        _ response: HTTPResponse, requestedScopes: [String], at now: Timestamp, withholding: [Secret] = []
    ) throws(OAuthFailure) -> IssuedTokens {
        guard response.body.count <= bodyLimit else {
            throw OAuthFailure(malformed: .bodyTooLarge, response, at: now)
        }
        let fields = JSONFields(parsing: response.body)
        guard (200...299).contains(response.status), let fields, fields.text("error") == nil else {
            throw OAuthFailure(refusal: response, fields, at: now, withholding: withholding)
        }
        return try tokens(fields, response, requestedScopes, now)
    }

    private static func tokens(
        _ fields: JSONFields, _ response: HTTPResponse, _ requestedScopes: [String], _ now: Timestamp
    ) throws(OAuthFailure) -> IssuedTokens {
        let refreshToken = fields.text("refresh_token").map { Secret(copying: $0) }
        func unusable(_ malformation: OAuthFailure.Malformation) -> OAuthFailure {
            OAuthFailure(malformed: malformation, response, at: now, rescuing: refreshToken)
        }
        guard let accessToken = fields.text("access_token") else { throw unusable(.accessTokenMissing) }
        guard isToken(accessToken) else { throw unusable(.accessTokenUnusable) }
        // A type that is not understood forbids using the token (RFC 6749 section 7.1); one that is
        // left out, against section 5.1, can only mean the type that every server issues.
        if let type = fields.text("token_type"), type.lowercased() != "bearer" {
            throw unusable(.tokenTypeUnsupported)
        }
        let lifetime = lifetime(fields)
        return IssuedTokens(
            accessToken: Secret(copying: accessToken),
            expiresAt: now.adding(seconds: lifetime ?? assumedLifetime),
            statesLifetime: lifetime != nil,
            refreshToken: refreshToken,
            grantedScopes: scopes(fields) ?? requestedScopes,
            idToken: fields.text("id_token").map { Secret(copying: $0) },
            clockSkew: ServerClock.skew(response, at: now))
    }

    /// Printable ASCII (RFC 6749 appendix A.12). Anything else could end a header line or a SASL field early.
    private static func isToken(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 <= 0x7E }
    }

    /// Seconds, rounded down and kept between 0 and a year.
    ///
    /// A strange number never costs the answer: the refresh token beside it may be the only one that works.
    private static func lifetime(_ fields: JSONFields) -> Int64? {
        guard let seconds = fields.number("expires_in"), seconds.isFinite else { return nil }
        return Int64(min(max(seconds, 0), Double(longestLifetime)))
    }

    static func scopes(_ fields: JSONFields) -> [String]? {
        let named = fields.text("scope").map { $0.split(separator: " ").map(String.init) } ?? fields.list("scope")
        return named.flatMap { $0.isEmpty ? nil : $0 }
    }
}
