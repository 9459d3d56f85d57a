import KeelBase

/// The parameters of a form post to an OAuth endpoint (RFC 6749 section 3.2).
struct FormParameters {
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
        for pair in text.split(separator: "&") {
            let equals = pair.firstIndex(of: "=") ?? pair.endIndex
            guard let name = PercentEncoding.decode(pair[..<equals].utf8),
                let value = PercentEncoding.decode(pair[equals...].dropFirst().utf8)
            else { throw OAuthRefusal(.invalidRequest, "the body is not a well-formed form") }
            guard values.updateValue(value, forKey: name) == nil else {
                throw OAuthRefusal(.invalidRequest, "a parameter was sent twice")
            }
        }
    }

    /// The value; nil when it is absent or empty, which is the same (RFC 6749 section 3.2).
    subscript(name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
