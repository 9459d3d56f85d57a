import KeelBase

extension OAuthFailure.Evidence {
    /// Reads the members of an error, whether they came as JSON or in a redirect; `text` cleans what it gives.
    init(codes: [String], description: String?, _ text: (_ names: [String]) -> String?) {
        let listed = codes.prefix(Self.mostNumbers).compactMap { DecimalNumber.parse($0) }
        numbers = listed.isEmpty ? Self.leadingNumber(description ?? "").map { [$0] } ?? [] : listed
        suberror = text(["suberror", "error_subtype", "error_subcode"])
        traceID = text(["trace_id"])
        correlationID = text(["correlation_id"])
        timestamp = text(["timestamp"])
        errorURI = text(["error_uri"])
    }

    /// The number of a text that begins with `AADSTSnnn`: Microsoft puts the code there where it sends no `error_codes`. The
    /// text behind it is free and decides nothing.
    static func leadingNumber(_ text: String) -> Int? {
        guard text.hasPrefix("AADSTS") else { return nil }
        let digits = text.utf8.dropFirst(6).prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        return digits.count <= 9 ? DecimalNumber.parse(digits) : nil
    }

    private static let mostNumbers = 8
}
