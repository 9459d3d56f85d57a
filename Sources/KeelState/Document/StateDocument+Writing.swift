import KeelBase

extension StateDocument {
    /// The document as it is stored: deterministic and laid out for version control. What stands before the payload is in
    /// clear because remote stores and the history need it; the payload is plain, or one day sealed.
    package func bytes() -> [UInt8] {
        let addresses = addresses
        var output = JSONOutput(capacity: table.size + addresses.count * 80 + 1024)
        output.beginObject()
        output.name("version")
        output.integer(Self.formatVersion)
        output.name("serial")
        output.integer(serial)
        output.member("lineage", lineage)
        if let vault { output.member("vault", vault) }
        if let written {
            output.name("written")
            output.written(written)
        }
        output.name("payload")
        output.beginObject()
        output.name("plain")
        output.beginObject()
        output.name("resources")
        output.beginObject()
        for address in addresses {
            guard let record = table[address] else { continue }
            output.name(address)
            output.copy(record.laidOut.bytes)
        }
        for _ in 0..<JSONOutput.recordDepth { output.endObject() }
        output.endLine()
        return output.bytes
    }
}

extension JSONOutput {
    fileprivate mutating func written(_ written: Written) {
        beginObject()
        member("run", written.run)
        member("operation", written.operation)
        member("who", written.who)
        name("at")
        time(written.at)
        endObject()
    }
}
