import KeelBase

/// The parameters of a request to an OAuth endpoint (RFC 6749 sections 3.1 and 3.2).
struct FormParameters: Sendable {
    private var values: [String: String] = [:]

    /// Reads the body of a POST; throws `invalid_request` for another media type, a parameter that is sent twice, and
    /// an encoding that is broken.
    init(_ request: IncomingRequest) throws(OAuthRefusal) {
        let mediaType = request.header("Content-Type")?.split(separator: ";").first ?? ""
        guard mediaType.filter({ $0 != " " }).lowercased() == "application/x-www-form-urlencoded" else {
            throw OAuthRefusal(.invalidRequest, "the body must be application/x-www-form-urlencoded")
        }
        guard let text = String(validating: request.body, as: UTF8.self) else {
            throw OAuthRefusal(.invalidRequest, "the body is not UTF-8")
        }
        try self.init(pairs: text)
    }

    /// Reads the query of a GET; throws as for a body.
    init(query request: IncomingRequest) throws(OAuthRefusal) { try self.init(pairs: request.query ?? "") }

    private init(pairs text: String) throws(OAuthRefusal) {
        for pair in text.split(separator: "&") {
            let equals = pair.firstIndex(of: "=") ?? pair.endIndex
            guard let name = PercentEncoding.decode(pair[..<equals].utf8),
                let value = PercentEncoding.decode(pair[equals...].dropFirst().utf8)
            else { throw OAuthRefusal(.invalidRequest, "the parameters are not well-formed") }
            guard values.updateValue(value, forKey: name) == nil else {
                throw OAuthRefusal(.invalidRequest, "a parameter was sent twice")
            }
        }
    }

    /// The value; nil when it is absent or empty, which is the same (RFC 6749 section 3.2).
    subscript(name: String) -> String? {
        get { values[name].flatMap { $0.isEmpty ? nil : $0 } }
        set { values[name] = newValue }
    }

    /// All of them, in byte order of their names.
    var pairs: [(name: String, value: String)] {
        values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }
}
