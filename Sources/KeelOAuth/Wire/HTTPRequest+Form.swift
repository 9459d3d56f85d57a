import KeelBase

extension HTTPRequest {
    /// A form that a client posts to an endpoint of the authorization server, with its authentication
    /// (RFC 6749 section 2.3), then `additional`.
    static func form(
        _ parameters: FormEncoding, from client: TokenEndpointClient, to endpoint: EndpointURL,
        additional: TokenRequest.Additional = []
    ) -> HTTPRequest {
        var form = parameters
        var authorization: Secret?
        switch client.authentication {
        case .basic(let secret):
            // The id stays out of the body: a request must not use two methods (RFC 6749 section 2.3).
            authorization = basic(client.clientID, secret)
        case .post(let secret):
            form.add("client_id", client.clientID)
            form.add("client_secret", secret)
        case .assertion(let assertion):
            // The id is optional (RFC 7521 section 4.2), and Microsoft wants it.
            if !client.clientID.isEmpty { form.add("client_id", client.clientID) }
            form.add("client_assertion_type", ClientAssertion.type)
            form.add("client_assertion", assertion)
        case .none:
            if !client.clientID.isEmpty { form.add("client_id", client.clientID) }
        }
        for (name, value) in additional { form.add(name, value) }
        return HTTPRequest(
            .post, endpoint,
            headers: [
                (name: "Accept", value: "application/json"),
                (name: "Content-Type", value: "application/x-www-form-urlencoded"),
            ],
            authorization: authorization, body: form.body)
    }

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
