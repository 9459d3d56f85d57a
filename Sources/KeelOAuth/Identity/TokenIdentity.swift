import KeelBase

/// Who a provider says that a token stands for. Claims that could not be shown and compared as they are count as absent.
package struct TokenIdentity: Sendable, Hashable {
    /// Where the claims stand.
    package enum Source: String, Sendable {
        case idToken = "the ID token"
        case userinfo = "the provider's userinfo"
        case introspection = "the provider's introspection"
        case accessToken = "the access token"
    }

    package let source: Source
    package let issuer: String?
    /// The provider's own name for the person, which lasts (`sub`).
    package let subject: String?
    package let email: String?
    package let preferredUsername: String?
    /// Microsoft's name of the user in its directory, and its ids of user and tenant.
    package let upn: String?
    package let objectID: String?
    package let tenantID: String?
    /// What introspection calls `username`: a login at some providers, a display name at others.
    package let userName: String?
    /// For people to read, never to compare.
    package let displayName: ForeignText?

    /// Nil when nothing in it names anybody.
    init?(_ source: Source, _ fields: JSONFields) {
        self.source = source
        func claim(_ name: String) -> String? { fields.text(name).flatMap(Self.claim) }
        issuer = claim("iss")
        subject = claim("sub")
        // An address that the provider has not verified is what its owner typed.
        email = fields.flag("email_verified") == false ? nil : claim("email")
        preferredUsername = claim("preferred_username")
        upn = claim("upn") ?? claim("unique_name")
        objectID = claim("oid")
        tenantID = claim("tid")
        userName = claim("username")
        displayName = fields.text("name").map { ForeignText($0) }
        if subject == nil, objectID == nil, addresses.isEmpty, userName == nil { return nil }
    }

    /// What is kept of an ID token that was read and is gone.
    package init(idTokenSubject subject: String) {
        source = .idToken
        self.subject = subject
        (issuer, email, preferredUsername, upn, objectID, tenantID, userName) = (nil, nil, nil, nil, nil, nil, nil)
        displayName = nil
    }

    /// The claims of an access token that is a JWT; nil for any other, which is nobody's business but the provider's.
    package init?(accessToken: Secret) {
        guard let fields = JSONFields(tokenPayload: accessToken) else { return nil }
        self.init(.accessToken, fields)
    }

    /// The text if it can be compared and shown as it is.
    static func claim(_ text: String) -> String? { ForeignText(text).text == text ? text : nil }
}

extension TokenIdentity {
    /// Whether an identity is the one that was meant.
    package enum Match: Sendable, Hashable {
        case matched
        /// Somebody else; by the name that is most likely to be known to people.
        case mismatched(named: String)
        /// Nothing in it can be compared with the subject.
        case unknown
    }

    /// Compares with the subject of an authorization: a mail address, a login, or the provider's own id.
    ///
    /// One claim that is equal decides, for people have several addresses; a display name never does. Where none is equal, a
    /// claim of the subject's kind tells who it is instead: an address if the subject is one.
    package func match(subject wanted: String) -> Match {
        // A `username` that is no address may be a display name.
        let login = userName.flatMap { Self.isAddress($0) ? $0 : nil }
        let names = [upn, preferredUsername, email, login].compactMap { $0 }
        if names.contains(where: { Self.isEqual($0, wanted) }) { return .matched }
        if [subject, objectID].contains(where: { $0.map { Self.isEqual($0, wanted) } ?? false }) { return .matched }
        guard Self.isAddress(wanted) else {
            // A login can only be told from another login.
            guard addresses.isEmpty, let login = preferredUsername ?? upn, !login.contains(" ") else { return .unknown }
            return .mismatched(named: login)
        }
        return addresses.first.map { .mismatched(named: $0) } ?? .unknown
    }

    /// Whether claims of two sources are about one person: userinfo must name the subject of the ID token, or it is to be
    /// thrown away (OpenID Connect Core section 5.3.4).
    package func isAbout(_ other: TokenIdentity) -> Bool {
        guard let subject, let theirs = other.subject else { return false }
        return subject.utf8.elementsEqual(theirs.utf8)
    }

    /// The best name for a sentence.
    package var name: String? { addresses.first ?? preferredUsername ?? subject ?? objectID }

    /// The provider's name for the person that does not change with a marriage or a move, to be pinned beside the issuer.
    package var lastingSubject: String? { subject ?? objectID }

    /// The person in Microsoft's directory, in the order of its libraries: `oid.tid`. It is one and the same in all tokens of a
    /// tenant, whereas `sub` differs with what the token is for, and the issuer with the token's version. Only where the issuer
    /// is that tenant's do the claims mean this.
    package var directorySubject: String? {
        guard let objectID, let tenantID, let issuer, let tenant = Self.tenant(of: issuer),
            tenant == tenantID.lowercased()
        else { return nil }
        return "\(objectID.lowercased()).\(tenant)"
    }

    /// The tenant in whose name an issuer speaks, by the id that is the first part of its path, as Microsoft's issuers have it.
    package static func tenant(of issuer: String) -> String? {
        guard let path = (try? EndpointURL(parsing: issuer))?.path,
            let part = path.split(separator: "/").first, isIdentifier(part)
        else { return nil }
        return part.lowercased()
    }

    /// Whether it is an id as RFC 9562 section 4 writes it.
    private static func isIdentifier(_ text: Substring) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.count) == [8, 4, 4, 4, 12] && groups.allSatisfy { $0.allSatisfy(\.isHexDigit) }
    }

    private var addresses: [String] {
        // Some providers end their own ids with a word behind an @, which is no domain.
        let mail = subject.flatMap { $0.split(separator: "@").last?.contains(".") == true ? $0 : nil }
        return [upn, preferredUsername, email, userName, mail].compactMap { $0 }.filter(Self.isAddress)
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && !$0.contains(" ") }
    }

    /// Addresses and logins without regard to the case of ASCII letters; a provider's own ids to the letter.
    private static func isEqual(_ claim: String, _ wanted: String) -> Bool {
        guard isAddress(wanted) else { return claim.utf8.elementsEqual(wanted.utf8) }
        return claim.utf8.map(lowercased).elementsEqual(wanted.utf8.map(lowercased))
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
