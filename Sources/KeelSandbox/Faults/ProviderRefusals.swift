import KeelBase
import KeelCrypto

extension HTTPResponse {
    /// An error by its code, in the words of nobody in particular.
    static func refusal(_ error: String) -> HTTPResponse {
        .json(
            status: error == "invalid_client" ? 401 : 400,
            .object([("error", .string(error)), ("error_description", .string("This error was ordered."))]))
    }

    /// As Google says it.
    static func googleRefusal(_ error: String) -> HTTPResponse {
        if error == "invalid_rapt" {
            return .json(
                status: 400,
                .object([
                    ("error", .string("invalid_grant")),
                    ("error_description", .string("reauth related error (invalid_rapt)")),
                    ("error_uri", .string("https://support.google.com/a/answer/9368756")),
                    ("error_subtype", .string(error)),
                ]))
        }
        let words =
            switch error {
            case "invalid_grant": "Token has been expired or revoked."
            case "invalid_client": "The OAuth client was not found."
            case "unauthorized_client":
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any "
                    + "of the scopes requested."
            case "admin_policy_enforced": "This app is blocked by the administrator."
            default: "Bad Request"
            }
        return .json(
            status: ["invalid_client", "unauthorized_client"].contains(error) ? 401 : 400,
            .object([("error", .string(error)), ("error_description", .string(words))]))
    }
}

/// An error as Microsoft's token endpoint gives it: `700082`, or `50076.basic_action` with a suberror.
struct MicrosoftRefusal {
    private let number: String
    private let suberror: String?

    init(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1)
        number = parts.first.map { $0.filter { $0.isASCII && $0.isNumber } } ?? ""
        suberror = parts.count == 2 ? String(parts[1]) : nil
    }

    /// What goes with the number: error code, status, words.
    private var kind: (error: String, status: Int, words: String) {
        switch number {
        case "7000215", "70002": ("invalid_client", 401, "Invalid client secret provided.")
        case "7000222": ("invalid_client", 401, "The provided client secret keys for app are expired.")
        case "7000218": ("invalid_client", 401, "The request body must contain client_assertion or client_secret.")
        case "700025":
            ("invalid_client", 401, "Client is public so neither client_assertion nor client_secret may be presented.")
        case "700027", "50012", "700030": ("invalid_client", 401, "Client assertion failed signature validation.")
        case "700016": ("unauthorized_client", 400, "Application was not found in the directory.")
        case "70011", "28002", "700022", "700023": ("invalid_scope", 400, "The provided value for scope is not valid.")
        case "90002", "90014", "900144", "50011", "50194", "90130":
            ("invalid_request", 400, "The request is not valid.")
        case "50072", "50074", "50076", "50078", "50079", "50158", "53000", "53001", "53003", "530003":
            ("interaction_required", 400, "You must use multi-factor authentication, or meet another policy.")
        case "65001": ("invalid_grant", 400, "The user or administrator has not consented to use the application.")
        case "70016": ("authorization_pending", 400, "OAuth 2.0 device flow error. Authorization is pending.")
        case "70019": ("expired_token", 400, "Verification code expired.")
        case "90006", "90012", "90024", "90033", "50033", "50087":
            ("temporarily_unavailable", 503, "The service is temporarily unavailable. Please retry later.")
        case "90055": ("temporarily_unavailable", 429, "The tenant has been throttled.")
        case "700082", "70008":
            ("invalid_grant", 400, "The refresh token has expired due to inactivity.")
        case "50173": ("invalid_grant", 400, "The provided grant has expired due to it being revoked.")
        default: ("invalid_grant", 400, "The provided grant is not valid.")
        }
    }

    func response(at time: Timestamp) -> HTTPResponse {
        let (error, status, words) = kind
        let (trace, correlation) = (RandomIdentifier.uuid(), RandomIdentifier.uuid())
        let stamp = String(time.description.map { $0 == "T" ? " " : $0 })
        var members: [(name: String, value: JSONText)] = [
            ("error", .string(error)),
            (
                "error_description",
                .string(
                    "AADSTS\(number): \(words) Trace ID: \(trace) Correlation ID: \(correlation) Timestamp: \(stamp)")
            ),
            ("error_codes", .array([.number(Int64(number) ?? 0)])), ("timestamp", .string(stamp)),
            ("trace_id", .string(trace)), ("correlation_id", .string(correlation)),
            ("error_uri", .string("https://login.microsoftonline.com/error?code=\(number)")),
        ]
        if let suberror { members.append(("suberror", .string(suberror))) }
        return .json(status: status, .object(members))
    }
}
