import KeelBase

/// `application/x-www-form-urlencoded`, as the URL Standard writes it (section 5.2, "serializing"), in bytes
/// so that a secret need not pass through a `String`.
struct FormEncoding {
    private var pairs: [(name: String, value: Secret)] = []
    private var names: Set<String> = []

    /// Adds a parameter. One that is there already stays as it is: a repeated parameter makes a request
    /// invalid (RFC 6749 section 3.2).
    mutating func add(_ name: String, _ value: String) { add(name, Secret(copying: value)) }

    /// Adds a parameter whose value is secret.
    mutating func add(_ name: String, _ value: Secret) {
        if names.insert(name).inserted { pairs.append((name, value)) }
    }

    /// Adds what another form holds and this one does not.
    mutating func append(_ other: FormEncoding) {
        let new = other.pairs.filter { names.insert($0.name).inserted }
        pairs += new
    }

    func holds(_ name: String) -> Bool { names.contains(name) }

    /// The same without parameters that are sent by another way.
    func without(_ others: Set<String>) -> FormEncoding {
        var rest = FormEncoding()
        for (name, value) in pairs where !others.contains(name) { rest.add(name, value) }
        return rest
    }

    /// The whole form.
    var body: Secret {
        var encoded: [UInt8] = []
        for (name, value) in pairs {
            if !encoded.isEmpty { encoded.append(UInt8(ascii: "&")) }
            Self.append(name.utf8, to: &encoded)
            encoded.append(UInt8(ascii: "="))
            Self.append(value.reveal(), to: &encoded)
        }
        return Secret(copying: encoded)
    }

    /// Appends `bytes` percent-encoded: letters, digits and `*-._` stay, a space becomes `+`.
    static func append(_ bytes: some Sequence<UInt8>, to output: inout [UInt8]) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                output.append(byte)
            case UInt8(ascii: " "):
                output.append(UInt8(ascii: "+"))
            default:
                output.append(UInt8(ascii: "%"))
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            }
        }
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
