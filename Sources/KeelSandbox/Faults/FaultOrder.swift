import KeelBase

/// A fault, where it happens, its value, and how often: `NAME[=VALUE][:TIMES]`.
///
/// A value that is text may hold colons; then only a number behind the last of them says how often.
package struct FaultOrder: Sendable, Hashable {
    package let fault: SandboxFault
    /// Where, for a fault that any endpoint may have.
    let endpoint: ProviderEndpoint
    /// At which mail server, for a fault that any may have; nil for all of them.
    let server: MailProtocol?
    /// Empty for a fault without one.
    package let value: String
    /// For how many answers; nil: until it is called off.
    package let times: Int?

    /// The fault at the token endpoint, or where else it has its one place; with its standard value if none is given.
    package init(_ fault: SandboxFault, value: String? = nil, times: Int? = nil, at server: MailProtocol? = nil) {
        self.fault = fault
        endpoint = .token
        self.server = fault.isOfAnyServer ? server : nil
        self.value = value ?? fault.parameter?.standard ?? ""
        self.times = times
    }

    /// Reads `token-slow=500:2`. The faults that any endpoint may have also go by that endpoint's name:
    /// `revocation-unavailable`; those that any mail server may have, by one's: `pop3-slow`.
    package init(parsing text: String) throws(FaultOrderFailure) {
        let name = text.prefix { $0 != "=" && $0 != ":" }
        guard let (fault, endpoint, server) = Self.find(name) else { throw .unknown(String(name)) }
        var rest = text[name.endIndex...]
        var times: Int?
        if let colon = rest.lastIndex(of: ":") {
            let count = DecimalNumber.parse(String(rest[rest.index(after: colon)...]), max: 1_000_000)
            let isText = rest.hasPrefix("=") && fault.parameter?.meaning == "text"
            if count.map({ $0 > 0 }) != true, !isText { throw .badTimes(text) }
            if let count, count > 0 {
                times = count
                rest = rest[..<colon]
            }
        }
        let value: String? = rest.hasPrefix("=") ? String(rest.dropFirst()) : nil
        if let value {
            guard let parameter = fault.parameter else { throw .takesNoValue(fault) }
            let isNumber = Self.numbers.contains(parameter.meaning)
            guard !value.isEmpty, !isNumber || Int(value) != nil else { throw .badValue(fault) }
        }
        self.fault = fault
        self.endpoint = endpoint
        self.server = server
        self.value = value ?? fault.parameter?.standard ?? ""
        self.times = times
    }

    private static let numbers: Set<String> = ["seconds", "milliseconds", "status", "bytes"]

    private static func find(_ name: Substring) -> (SandboxFault, ProviderEndpoint, MailProtocol?)? {
        if let fault = SandboxFault(rawValue: String(name)) { return (fault, .token, nil) }
        for server in MailProtocol.allCases {
            if let fault = SandboxFault(name: name, at: server) { return (fault, .token, server) }
        }
        for endpoint in ProviderEndpoint.allCases {
            guard let prefix = endpoint.faultPrefix, name.hasPrefix(prefix + "-"),
                let fault = SandboxFault(rawValue: "token" + name.dropFirst(prefix.count)), fault.isOfAnyEndpoint
            else { continue }
            return (fault, endpoint, nil)
        }
        return nil
    }

    /// The value as a number; 0 for anything else.
    var number: Int { Int(value) ?? 0 }
}

extension FaultOrder: CustomStringConvertible {
    /// What `init(parsing:)` reads.
    package var description: String {
        let name =
            if let server {
                fault.name(at: server)
            } else if endpoint == .token {
                fault.rawValue
            } else {
                (endpoint.faultPrefix ?? "token") + fault.rawValue.dropFirst("token".count)
            }
        return name + (value.isEmpty ? "" : "=\(value)") + (times.map { ":\($0)" } ?? "")
    }
}

/// Why a text orders no fault.
package enum FaultOrderFailure: Error, Sendable, Hashable, CustomStringConvertible {
    case unknown(String)
    case takesNoValue(SandboxFault)
    case badValue(SandboxFault)
    case badTimes(String)
    /// It must be ordered when the sandbox starts.
    case onlyAtStart(SandboxFault)

    package var description: String {
        switch self {
        case .unknown(let name): "there is no fault \"\(ForeignText(name))\"; the README of the project lists them"
        case .takesNoValue(let fault): "\(fault.rawValue) takes no value"
        case .badValue(let fault): "the value of \(fault.rawValue) must be: \(fault.parameter?.meaning ?? "")"
        case .badTimes(let text): "\"\(ForeignText(text))\" must end in a number above 0 after its colon"
        case .onlyAtStart(let fault): "\(fault.rawValue) must be ordered when the sandbox starts"
        }
    }
}
