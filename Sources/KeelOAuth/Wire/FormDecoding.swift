import KeelBase

/// `application/x-www-form-urlencoded` read back, in bytes: values may be secret.
enum FormDecoding {
    /// What cannot be a form.
    enum Fault: Error {
        /// A `%` without two hexadecimal digits.
        case badEscape
        case nameTwice(String)
        case tooManyParameters
    }

    static let mostParameters = 64

    /// The parameters in their order. A name must not come twice (RFC 6749 section 3.1): readers would disagree which counts.
    static func parameters(_ bytes: some Collection<UInt8>) throws(Fault) -> [(name: String, value: Secret)] {
        var parameters: [(name: String, value: Secret)] = []
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let mark = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = String(decoding: try decoded(pair[..<mark]), as: UTF8.self)
            let value = try decoded(pair[mark...].dropFirst())
            guard !parameters.contains(where: { $0.name == name }) else { throw .nameTwice(name) }
            guard parameters.count < mostParameters else { throw .tooManyParameters }
            parameters.append((name, Secret(copying: value)))
        }
        return parameters
    }

    /// The name of one parameter as it is written; as it stands where it cannot be decoded.
    static func name(of pair: Substring) -> String {
        let written = pair.prefix { $0 != "=" }
        guard let name = try? decoded(written.utf8) else { return String(written) }
        return String(decoding: name, as: UTF8.self)
    }

    private static func decoded(_ text: some Collection<UInt8>) throws(Fault) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): output.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard rest.count >= 2, let decoded = Hexadecimal.decode(rest.prefix(2)) else { throw .badEscape }
                output += decoded
                rest = rest.dropFirst(2)
            default: output.append(byte)
            }
        }
        return output
    }
}
