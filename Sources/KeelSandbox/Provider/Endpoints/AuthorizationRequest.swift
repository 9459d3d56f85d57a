import KeelBase

/// A request to the authorization endpoint that may be shown to a person (RFC 6749 section 4.1.1).
struct AuthorizationRequest {
    let client: SandboxClient
    let scopes: [String]
    /// S256.
    let challenge: String?
    let nonce: String?
    let loginHint: String?
    let prompts: Set<String>

    /// Where the answer goes, which must be known to be right before anything else is looked at (section 4.1.2.1).
    struct Target {
        let client: SandboxClient
        let redirectURI: String
        let namesRedirectURI: Bool
        let state: String?

        init(_ parameters: FormParameters, _ clients: ClientRegistry) throws(OAuthRefusal) {
            guard let client = parameters["client_id"].flatMap(clients.client) else {
                throw OAuthRefusal(.invalidClient, "client_id is missing or unknown")
            }
            self.client = client
            state = parameters["state"]
            if let asked = parameters["redirect_uri"] {
                guard RedirectURIs.match(asked, client.redirectURIs) else {
                    throw OAuthRefusal(.invalidRequest, "redirect_uri is not registered for this client")
                }
                redirectURI = asked
                namesRedirectURI = true
            } else {
                guard client.redirectURIs.count == 1, let only = client.redirectURIs.first else {
                    throw OAuthRefusal(.invalidRequest, "redirect_uri is missing")
                }
                redirectURI = only
                namesRedirectURI = false
            }
        }
    }

    init(_ parameters: FormParameters, for client: SandboxClient) throws(OAuthRefusal) {
        self.client = client
        guard client.grants.contains(.authorizationCode) else {
            throw OAuthRefusal(.unauthorizedClient, "the client is not registered for authorization_code")
        }
        guard let type = parameters["response_type"] else {
            throw OAuthRefusal(.invalidRequest, "response_type is missing")
        }
        guard type == "code" else { throw OAuthRefusal(.unsupportedResponseType, "only code is supported") }
        challenge = try Self.challenge(parameters, client)
        scopes = try ScopeList.granted(parameters["scope"], of: client.scopes)
        nonce = parameters["nonce"]
        loginHint = parameters["login_hint"]
        prompts = Set((parameters["prompt"] ?? "").split(separator: " ").map(String.init))
    }

    /// RFC 7636 section 4.3, as RFC 9700 section 2.1.1 narrows it: S256 alone, and nothing less from a public client.
    private static func challenge(
        _ parameters: FormParameters, _ client: SandboxClient
    ) throws(OAuthRefusal) -> String? {
        guard let challenge = parameters["code_challenge"] else {
            guard !client.isPublic, parameters["code_challenge_method"] == nil else {
                throw OAuthRefusal(.invalidRequest, "code_challenge is missing")
            }
            return nil
        }
        guard parameters["code_challenge_method"] == "S256" else {
            throw OAuthRefusal(.invalidRequest, "code_challenge_method must be S256")
        }
        guard challenge.utf8.count == 43, Base64.decode(challenge.utf8, .url)?.count == 32 else {
            throw OAuthRefusal(.invalidRequest, "code_challenge is no S256 challenge")
        }
        return challenge
    }
}
