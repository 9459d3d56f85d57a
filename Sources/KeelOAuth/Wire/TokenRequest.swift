import KeelBase

/// Builds the requests that a token endpoint takes (RFC 6749 section 3.2).
package enum TokenRequest {
    /// Asks for a token with which the application acts for itself (RFC 6749 section 4.4.2).
    ///
    /// An additional parameter with the name of one that the protocol sets is left out.
    package static func clientCredentials(
        _ client: TokenEndpointClient, scopes: [String], additional: [(name: String, value: String)] = []
    ) -> HTTPRequest {
        var form = FormEncoding()
        form.add("grant_type", "client_credentials")
        // An absent scope asks for the server's default, an empty one for nothing (RFC 6749 section 3.3).
        if !scopes.isEmpty { form.add("scope", scopes.joined(separator: " ")) }
        return request(client, form, additional)
    }

    private static func request(
        _ client: TokenEndpointClient, _ grant: FormEncoding, _ additional: [(name: String, value: String)]
    ) -> HTTPRequest {
        var form = grant
        var authorization: Secret?
        switch client.authentication {
        case .basic(let secret):
            // The id stays out of the body: a request must not use two methods (RFC 6749 section 2.3).
            authorization = basic(client.clientID, secret)
        case .post(let secret):
            form.add("client_id", client.clientID)
            form.add("client_secret", secret)
        case .none:
            form.add("client_id", client.clientID)
        }
        for (name, value) in additional where !credentialParameters.contains(name) { form.add(name, value) }
        return HTTPRequest(
            .post, client.tokenEndpoint,
            headers: [
                (name: "Accept", value: "application/json"),
                (name: "Content-Type", value: "application/x-www-form-urlencoded"),
            ],
            authorization: authorization, body: form.body)
    }

    /// What only the client's authentication may send, whatever its method.
    private static let credentialParameters: Set<String> = [
        "client_id", "client_secret", "client_assertion", "client_assertion_type",
    ]

    /// Id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1): a colon in the id
    /// would otherwise end it.
    private static func basic(_ clientID: String, _ secret: Secret) -> Secret {
        var pair: [UInt8] = []
        FormEncoding.append(clientID.utf8, to: &pair)
        pair.append(UInt8(ascii: ":"))
        FormEncoding.append(secret.reveal(), to: &pair)
        return Secret(copying: Array("Basic ".utf8) + Base64.encode(pair))
    }
}
