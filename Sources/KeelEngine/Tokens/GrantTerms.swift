import KeelBase
import KeelOAuth
import KeelPlan
import KeelVault

/// Who asks a token endpoint, for what and with which secrets: all that the requests of a profile have in common.
///
/// It comes of a plan's work while a profile is applied, and of a vault's recipe ever after.
package struct GrantTerms: Sendable {
    package let grant: GrantType
    /// The identity that consents or is acted for.
    package let subject: String
    package let tokenEndpoint: EndpointURL
    package let clientID: String
    package let method: ClientAuthenticationMethod
    package let credentials: ClientCredentials
    package let scopes: [String]
    /// As the manifest has them.
    package let parameters: [String: String]
    package let trust: Trust

    package init(
        grant: GrantType, subject: String, tokenEndpoint: EndpointURL, clientID: String,
        method: ClientAuthenticationMethod, credentials: ClientCredentials, scopes: [String],
        parameters: [String: String], trust: Trust
    ) {
        self.grant = grant
        self.subject = subject
        self.tokenEndpoint = tokenEndpoint
        self.clientID = clientID
        self.method = method
        self.credentials = credentials
        self.scopes = scopes
        self.parameters = parameters
        self.trust = trust
    }

    /// Those of a client at its provider's token endpoint; `trust` is the work's, as this process finds it.
    init(
        _ client: ClientWork, subject: String, at tokenEndpoint: EndpointURL, _ credentials: ClientCredentials,
        _ metadata: AuthorizationServerMetadata?, trust: Trust
    ) {
        self.init(
            grant: client.grant, subject: subject, tokenEndpoint: tokenEndpoint, clientID: client.clientID,
            method: credentials.method(client.clientAuthentication, of: client.grant, metadata),
            credentials: credentials, scopes: client.scopes, parameters: client.parameters, trust: trust)
    }

    /// `trust` is the recipe's, as this process finds it.
    package init(_ recipe: Recipe, _ credentials: ClientCredentials, trust: Trust) {
        self.init(
            grant: recipe.grantType, subject: recipe.subject, tokenEndpoint: recipe.tokenEndpoint,
            clientID: recipe.clientID, method: recipe.clientAuthentication, credentials: credentials,
            scopes: recipe.scopes, parameters: recipe.tokenParameters, trust: trust)
    }

    /// The parameters in a fixed order.
    package var additional: [(name: String, value: String)] {
        parameters.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }

    /// The client as it shows itself with one request, or at another endpoint of its provider.
    package func client(at now: Timestamp) throws(CredentialFailure) -> TokenEndpointClient {
        // Whoever signed a service account's assertion is known by it.
        let isServiceAccount = grant == .jwtBearer && credentials[.serviceAccount] != nil
        return TokenEndpointClient(
            tokenEndpoint: tokenEndpoint, clientID: isServiceAccount ? "" : clientID,
            authentication: try credentials.authentication(
                method, clientID: clientID, tokenEndpoint: tokenEndpoint, at: now))
    }

    /// The request of a grant that no person is needed for; nil for one that a person must have given.
    package func request(at now: Timestamp) throws(CredentialFailure) -> HTTPRequest? {
        let client = try client(at: now)
        switch grant {
        case .clientCredentials: return TokenRequest.clientCredentials(client, scopes: scopes, additional: additional)
        case .jwtBearer:
            let bearer = try credentials.bearerAssertion(
                clientID: clientID, subject: subject, scopes: scopes, tokenEndpoint: tokenEndpoint, at: now)
            return TokenRequest.jwtBearer(
                client, assertion: bearer.assertion, scopes: bearer.scopes, additional: additional)
        case .password:
            guard let password = credentials[.password] else {
                throw CredentialFailure(
                    .password, "the grant needs the user's password, and no account gives it",
                    remedy: "give spec.password of the account, or another grant")
            }
            return TokenRequest.password(
                client, userName: subject, password: password, scopes: scopes, additional: additional)
        case .authorizationCode, .deviceCode: return nil
        }
    }
}
