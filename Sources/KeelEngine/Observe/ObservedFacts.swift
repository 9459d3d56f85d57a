import KeelBase

/// What a mail server showed of itself when somebody logged in: what it can do, and how its connection was secured.
///
/// Each fact is nil where it was not observed, which is never a difference.
package struct ObservedFacts: Sendable, Equatable {
    /// What a server said that it can do, before the login and under TLS.
    package struct Offer: Sendable, Equatable {
        package let capabilities: [String]
        /// By what it lets somebody log in.
        package let mechanisms: [String]

        package init(capabilities: [String], mechanisms: [String]) {
            self.capabilities = capabilities
            self.mechanisms = mechanisms
        }
    }

    package var offer: Offer?
    package var tls: TLSFacts?

    package init(offer: Offer? = nil, tls: TLSFacts? = nil) {
        self.offer = offer
        self.tls = tls
    }

    /// The kinds of observation in which the vault keeps them.
    package static let offerKind = "capabilities"
    package static let tlsKind = "tls"

    /// How long before its end a certificate is worth a warning.
    package static let certificateNotice: Int64 = 14 * 86_400

    /// The first certificate of the chain to end, if that is soon or over.
    package func endingCertificate(at now: Timestamp) -> CertificateFacts? {
        let ending = tls?.chain.filter { $0.notAfter <= now.adding(seconds: Self.certificateNotice) } ?? []
        return ending.min { $0.notAfter < $1.notAfter }
    }
}

// MARK: As the vault keeps them

extension ObservedFacts.Offer {
    package var json: JSON {
        .object([
            .init("capabilities", .array(capabilities.map(JSON.string))),
            .init("mechanisms", .array(mechanisms.map(JSON.string))),
        ])
    }

    /// Nil for what an older version may have kept otherwise: that is not observed.
    package init?(_ json: JSON) {
        guard let capabilities = json["capabilities"]?.array, let mechanisms = json["mechanisms"]?.array else {
            return nil
        }
        self.init(capabilities: capabilities.compactMap(\.string), mechanisms: mechanisms.compactMap(\.string))
    }
}

extension TLSFacts {
    package var json: JSON {
        .object([
            .init("version", .string(version.rawValue)), .init("chain", .array(chain.map(\.json))),
        ])
    }

    /// Without the hash that binds a login: it is of use to the connection alone.
    package init?(_ json: JSON) {
        guard let version = json["version"]?.string.flatMap(Version.init), let chain = json["chain"]?.array else {
            return nil
        }
        self.init(version: version, chain: chain.compactMap(CertificateFacts.init), endPoint: nil)
    }
}

extension CertificateFacts {
    package var json: JSON {
        .object([
            .init("subject", .string(subject.text)), .init("issuer", .string(issuer.text)),
            .init("notBefore", .string(notBefore.description)), .init("notAfter", .string(notAfter.description)),
            .init("keyHash", .string(keyHash)),
        ])
    }

    init?(_ json: JSON) {
        guard let subject = json["subject"]?.string, let issuer = json["issuer"]?.string,
            let notBefore = json["notBefore"]?.string.flatMap(Timestamp.init(parsing:)),
            let notAfter = json["notAfter"]?.string.flatMap(Timestamp.init(parsing:)),
            let keyHash = json["keyHash"]?.string
        else { return nil }
        self.init(
            subject: ForeignText(subject), issuer: ForeignText(issuer), notBefore: notBefore, notAfter: notAfter,
            keyHash: ForeignText(keyHash).text)
    }
}
