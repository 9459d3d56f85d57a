/// A request that a loopback server received.
package struct IncomingRequest: Sendable {
    package var method: String
    /// Without the query; still percent-encoded.
    package var path: String
    /// Without `?`; still percent-encoded.
    package var query: String?
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        method: String, path: String, query: String? = nil, headers: [(name: String, value: String)] = [],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, whatever its case.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}

/// Answers requests: a value in, a value out.
package protocol HTTPHandler: Sendable {
    func respond(to request: IncomingRequest) async -> HTTPResponse
}
