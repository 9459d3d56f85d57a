/// What a search wants of a message's header.
struct MessageHeader: Sendable, Equatable {
    private(set) var messageID: [UInt8] = []
    private(set) var from: [UInt8] = []
    private var field = Field.other

    private enum Field { case messageID, from, other }

    private static let longestValue = 4096

    /// Takes one line of the header; a blank at its start says that it goes on with the field before.
    mutating func add(_ line: ArraySlice<UInt8>) {
        var value = line
        if line.first != 0x20, line.first != 0x09 {
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            value = line[name.endIndex...].dropFirst()
            field =
                switch String(decoding: name.prefix(20), as: UTF8.self).lowercased() {
                case "message-id": messageID.isEmpty ? .messageID : .other
                case "from": from.isEmpty ? .from : .other
                default: .other
                }
        }
        switch field {
        case .messageID where messageID.count + value.count <= Self.longestValue:
            messageID += value.filter { $0 > 0x20 }
        case .from where from.count + value.count <= Self.longestValue: from += [0x20] + value
        case .messageID, .from, .other: break
        }
    }
}
