/// A request to an OAuth endpoint.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable { case get = "GET", post = "POST" }

    package var method: Method
    package var url: EndpointURL
    /// Headers that anybody may see.
    package var headers: [(name: String, value: String)]
    /// The value of the `Authorization` header.
    package var authorization: Secret?
    /// A form or document; a secret because token requests carry credentials.
    package var body: Secret?

    package init(
        _ method: Method, _ url: EndpointURL, headers: [(name: String, value: String)] = [],
        authorization: Secret? = nil, body: Secret? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.authorization = authorization
        self.body = body
    }
}

/// A response; its body may hold tokens.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: Secret

    package init(status: Int, headers: [(name: String, value: String)] = [], body: Secret = Secret(copying: [])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, whatever its case (RFC 9110 section 5.1).
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

/// Which certificate authorities a connection trusts, beyond the system's.
package struct Trust: Sendable, Hashable {
    /// A PEM file whose certificates are the only trust anchors for this connection; nil: the system's, and those of `MAILKEEL_CA_FILE`.
    package var caFile: String?
    /// The SHA-256 of the public key that the server's certificate must have, in base 64, beside a good chain; nil: any.
    package var pin: String?

    package init(caFile: String? = nil, pin: String? = nil) {
        self.caFile = caFile
        self.pin = pin
    }

    /// The system's authorities, and those that the environment adds.
    package static let system = Trust()
}

/// Sends requests. Follows no redirect, keeps no cookie, reads at most a bounded body.
package protocol HTTPTransport: Sendable {
    func send(
        _ request: HTTPRequest, trust: Trust, timeout: Duration
    ) async throws(ConnectionFailure) -> HTTPResponse
}
