import KeelBase
import KeelCrypto

/// A service account as Google's JSON key file describes it: an identity of its own that a domain may allow to act for its users.
package struct ServiceAccount: Sendable {
    /// The issuer of its assertions.
    package let email: String
    /// The number by which the administrator of the domain allows it scopes; nil when the file does not say.
    package let clientID: String?
    package let projectID: String?
    /// The name by which the provider knows the key; nil when the file does not say.
    package let keyID: String?
    /// Where assertions are taken.
    package let tokenEndpoint: EndpointURL
    /// The same as it is written, for an audience is compared letter by letter.
    package let audience: String
    private let key: SigningKey

    package init(parsing file: Secret) throws(ServiceAccountFailure) {
        guard let fields = JSONFields(parsing: file) else {
            throw ServiceAccountFailure(.notJSON, "it is not a JSON object")
        }
        try Self.check(type: fields)
        email = try Self.member("client_email", fields)
        audience = try Self.member("token_uri", fields)
        let pem = Secret(copying: try Self.member("private_key", fields))
        do throws(EndpointURL.Fault) {
            tokenEndpoint = try EndpointURL(parsing: audience)
        } catch {
            throw ServiceAccountFailure(.badEndpoint, "its token_uri \(error)")
        }
        do throws(SigningKeyFailure) {
            key = try SigningKey(parsing: pem)
        } catch {
            throw ServiceAccountFailure(error)
        }
        keyID = fields.text("private_key_id")
        clientID = fields.text("client_id")
        projectID = fields.text("project_id")
    }

    /// An assertion with which it acts for `subject`, good for an hour at most.
    ///
    /// The audience is what the file names, unless the manifest has another token endpoint.
    package func assertion(
        subject: String, scopes: [String], audience: String? = nil, at now: Timestamp
    ) throws(SigningKeyFailure) -> Secret {
        try BearerAssertion.sign(
            issuer: email, subject: subject, audience: audience ?? self.audience, scopes: scopes, key: key,
            keyID: keyID, at: now)
    }

    private static func member(_ name: String, _ fields: JSONFields) throws(ServiceAccountFailure) -> String {
        guard let text = fields.text(name) else { throw ServiceAccountFailure(.memberMissing, "it has no \(name)") }
        return text
    }

    /// The same console gives out files of several kinds, which look alike.
    private static func check(type fields: JSONFields) throws(ServiceAccountFailure) {
        switch fields.text("type") {
        case "service_account"?: return
        case "authorized_user"?:
            throw ServiceAccountFailure(.wrongType, "it holds the credentials of a user, and not of a service account")
        case "external_account"?, "external_account_authorized_user"?, "impersonated_service_account"?:
            throw ServiceAccountFailure(
                .wrongType, "it points to another identity, and holds no key of a service account")
        case let other?:
            throw ServiceAccountFailure(
                .wrongType, "its type is \"\(ForeignText(other))\", and not \"service_account\"")
        case nil where fields.has("installed") || fields.has("web"):
            throw ServiceAccountFailure(
                .wrongType, "it describes an OAuth client, and no service account",
                remedy: "put its client_id and client_secret under client, or download the service account's key")
        case nil: throw ServiceAccountFailure(.memberMissing, "it has no type")
        }
    }
}
