/// Far too much, in answer to the question for capabilities.
struct MailFlood {
    private let faults: MailFaults
    /// What a line that says nothing begins with.
    private let line: String

    /// Nil if nobody ordered it.
    init?(_ faults: MailFaults, line: String) {
        guard faults.contains(.mailHugeLine) || faults.contains(.mailEndless) else { return nil }
        self.faults = faults
        self.line = line
    }

    /// The same lines without an end, or one huge line and then the usual ones.
    func answer(then usual: [String]) -> MailAnswer {
        guard let order = faults[.mailHugeLine] else {
            let refrain = MailAnswer(lines: Array(repeating: line + "and so on", count: 64)).bytes
            return MailAnswer(lines: [], .repeats(refrain))
        }
        var answer = MailAnswer(lines: usual)
        answer.bytes =
            Array(line.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: max(order.number, 0)) + [13, 10]
            + answer.bytes
        return answer
    }
}
