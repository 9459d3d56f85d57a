import KeelBase

/// Reads ID tokens that came from a token endpoint.
package enum IDToken {
    /// Why an ID token says nothing about this authorization.
    package enum Fault: Error, Sendable, Equatable {
        case unreadable
        case issuerMissing
        case issuerMismatch(ForeignText)
        case audienceMismatch
        case expired(Timestamp)
        case nonceMismatch
        case subjectMissing
    }

    /// How far clocks may be apart, in seconds.
    static let leeway: Int64 = 300

    /// Who consented. `issuer` and `nonce` are compared where they are known. It is read where a consent is redeemed; those of
    /// renewals are not looked at.
    ///
    /// The signature is not checked: the token came from the token endpoint itself over TLS, which OpenID Connect Core section
    /// 3.1.3.7 item 6 takes in its place. Never hand in one that came by another way.
    package static func read(
        _ token: Secret, issuer: String?, clientID: String, nonce: Secret?, at now: Timestamp
    ) throws(Fault) -> TokenIdentity {
        guard let fields = JSONFields(tokenPayload: token) else { throw .unreadable }
        guard let named = fields.text("iss") else { throw .issuerMissing }
        if let issuer, !isIssuer(named, issuer, tenant: fields.text("tid")) {
            throw .issuerMismatch(ForeignText(named))
        }
        guard isMeant(for: clientID, fields) else { throw .audienceMismatch }
        guard let expiry = fields.time("exp") else { throw .unreadable }
        guard now < expiry.adding(seconds: leeway) else { throw .expired(expiry) }
        if let nonce {
            guard let theirs = fields.text("nonce"), Secret(copying: theirs).matches(nonce) else {
                throw .nonceMismatch
            }
        }
        guard fields.text("sub") != nil, let identity = TokenIdentity(.idToken, fields) else { throw .subjectMissing }
        return identity
    }

    /// Section 3.1.3.7 items 3 to 5.
    private static func isMeant(for clientID: String, _ fields: JSONFields) -> Bool {
        let audience = fields.list("aud") ?? fields.text("aud").map { [$0] } ?? []
        guard audience.contains(where: { $0.utf8.elementsEqual(clientID.utf8) }) else { return false }
        guard let party = fields.text("azp") else { return audience.count == 1 }
        return party.utf8.elementsEqual(clientID.utf8)
    }

    /// To the letter, with the two exceptions that providers publish: Microsoft's metadata for any tenant hold a place for
    /// the tenant's id, and Google's tokens may leave out the scheme.
    private static func isIssuer(_ named: String, _ expected: String, tenant: String?) -> Bool {
        if named.utf8.elementsEqual(expected.utf8) { return true }
        if named == "accounts.google.com" { return expected == "https://accounts.google.com" }
        guard let tenant, expected.contains("{tenantid}") else { return false }
        return named.utf8.elementsEqual(expected.replacing("{tenantid}", with: tenant).utf8)
    }
}

extension IDToken.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable: "it cannot be read"
        case .issuerMissing: "it names no issuer"
        case .issuerMismatch(let found): "it comes from \(found)"
        case .audienceMismatch: "it is meant for another application"
        case .expired(let time): "it expired at \(time); a clock is wrong, here or there"
        case .nonceMismatch: "it answers another request"
        case .subjectMissing: "it names nobody"
        }
    }
}

extension JSONFields {
    /// The claims of a signed token in its compact form (RFC 7515 section 7.1), unverified; nil for anything else.
    init?(tokenPayload token: Secret) {
        guard token.count <= TokenResponse.bodyLimit else { return nil }
        let parts = token.reveal().split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // Five parts are an encrypted one.
        guard parts.count == 3, let header = Base64.decode(parts[0], .url), let payload = Base64.decode(parts[1], .url),
            JSONFields(parsing: Secret(copying: header)) != nil
        else { return nil }
        self.init(parsing: Secret(copying: payload))
    }

    /// A time in seconds since 1970; some providers write a fraction.
    func time(_ name: String) -> Timestamp? {
        guard let seconds = number(name), seconds.isFinite, abs(seconds) < 1e15 else { return nil }
        return Timestamp(seconds: Int64(seconds.rounded(.down)))
    }
}
