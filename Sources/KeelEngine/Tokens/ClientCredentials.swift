import KeelBase
import KeelCrypto
import KeelOAuth

/// The secrets with which a client shows who it is, or for whom it acts: as resolved, in memory only.
package struct ClientCredentials: Sendable {
    private let secrets: [CredentialField: Secret]

    package init(_ secrets: [CredentialField: Secret] = [:]) { self.secrets = secrets }

    package subscript(field: CredentialField) -> Secret? { secrets[field] }

    /// What a provider's words must not repeat.
    package var withheld: [Secret] { secrets.values.map(\.self) }

    /// How the client shows who it is: as declared, else by what it has.
    ///
    /// The certificate of a `jwt_bearer` profile signs the grant itself, unless the profile says that it signs both.
    package func method(
        _ declared: ClientAuthenticationMethod?, of grant: GrantType, _ metadata: AuthorizationServerMetadata?
    ) -> ClientAuthenticationMethod {
        if let declared { return declared }
        if secrets[.clientAssertion] != nil || (secrets[.clientCertificate] != nil && grant != .jwtBearer) {
            return .privateKeyJWT
        }
        guard secrets[.clientSecret] != nil else { return .none }
        return metadata?.authenticationMethod(hasSecret: true) ?? .basic
    }

    /// What the client shows with one request; an assertion is signed anew for each.
    package func authentication(
        _ method: ClientAuthenticationMethod, clientID: String, tokenEndpoint: EndpointURL, at now: Timestamp
    ) throws(CredentialFailure) -> ClientAuthentication {
        switch method {
        case .none: return .none
        case .basic: return .basic(try needed(.clientSecret, by: method))
        case .post: return .post(try needed(.clientSecret, by: method))
        case .privateKeyJWT:
            // What a pipeline's own provider signed is used as it is: there is no key to sign with.
            if let assertion = secrets[.clientAssertion] { return .assertion(assertion) }
            let (key, algorithm) = try signingKey(tokenEndpoint)
            do throws(SigningKeyFailure) {
                return .assertion(
                    try ClientAssertion.sign(
                        clientID: clientID, audience: tokenEndpoint.description, key: key, algorithm: algorithm, at: now
                    ))
            } catch {
                throw CredentialFailure(.clientCertificate, error.reason, remedy: error.remedy)
            }
        }
    }

    /// The assertion that is itself the grant (RFC 7523 section 2.1), and the scopes that the request still has to name.
    package func bearerAssertion(
        clientID: String, subject: String, scopes: [String], tokenEndpoint: EndpointURL, at now: Timestamp
    ) throws(CredentialFailure) -> (assertion: Secret, scopes: [String]) {
        if let file = secrets[.serviceAccount] {
            let account: ServiceAccount
            do throws(ServiceAccountFailure) {
                account = try ServiceAccount(parsing: file)
            } catch {
                throw CredentialFailure(.serviceAccount, error.reason, remedy: error.remedy)
            }
            // A manifest may name another endpoint than the file: the audience is whoever is asked.
            let audience = account.tokenEndpoint == tokenEndpoint ? nil : tokenEndpoint.description
            do throws(SigningKeyFailure) {
                return (try account.assertion(subject: subject, scopes: scopes, audience: audience, at: now), [])
            } catch {
                throw CredentialFailure(.serviceAccount, error.reason, remedy: error.remedy)
            }
        }
        guard secrets[.clientCertificate] != nil else {
            throw CredentialFailure(
                .serviceAccount, "jwt_bearer needs something that signs, and the profile gives nothing",
                remedy: "give spec.serviceAccount, or client.certificate with its key")
        }
        let (key, algorithm) = try signingKey(tokenEndpoint)
        do throws(SigningKeyFailure) {
            let assertion = try BearerAssertion.sign(
                issuer: clientID, subject: subject, audience: tokenEndpoint.description, scopes: [], key: key,
                algorithm: algorithm, at: now)
            return (assertion, scopes)
        } catch {
            throw CredentialFailure(.clientCertificate, error.reason, remedy: error.remedy)
        }
    }

    /// The secret of a field that a request cannot do without.
    func needed(
        _ field: CredentialField, by method: ClientAuthenticationMethod
    ) throws(CredentialFailure) -> Secret {
        guard let secret = secrets[field] else {
            throw CredentialFailure(
                field, "\(method.rawValue) needs \(field.rawValue), and the profile gives none",
                remedy: "give \(field.rawValue), or another client.authentication")
        }
        return secret
    }

    private func signingKey(
        _ tokenEndpoint: EndpointURL
    ) throws(CredentialFailure) -> (SigningKey, SigningAlgorithm?) {
        guard let pem = secrets[.clientCertificate] else {
            throw CredentialFailure(
                .clientCertificate, "private_key_jwt needs a key or an assertion, and the profile gives neither",
                remedy: "give client.certificate with its key, or client.assertion")
        }
        do throws(SigningKeyFailure) {
            let key = try SigningKey(parsing: pem)
            // Microsoft's page on certificate credentials asks for PS256; everybody else with RSA keys takes RS256.
            let asksForPSS = tokenEndpoint.isMicrosoft && key.usualAlgorithm == .rs256
            return (key, asksForPSS ? .ps256 : nil)
        } catch {
            throw CredentialFailure(.clientCertificate, error.reason, remedy: error.remedy)
        }
    }
}

/// Why a profile's credentials make no request. Never holds any of them.
package struct CredentialFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The field that lacks something, or holds something that cannot be used.
    package let field: CredentialField
    /// A clause: `there is no private key`.
    package let reason: String
    /// An imperative.
    package let remedy: String

    package init(_ field: CredentialField, _ reason: String, remedy: String) {
        self.field = field
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { "\(field.rawValue): \(reason): \(remedy)" }
}

extension EndpointURL {
    /// Whether it is a token endpoint of Microsoft's, in whichever of its clouds.
    fileprivate var isMicrosoft: Bool {
        let host = authority.host
        return [".microsoftonline.com", ".microsoftonline.us", ".microsoftonline.cn"].contains { host.hasSuffix($0) }
    }
}
