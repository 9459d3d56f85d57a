import KeelCLI
import KeelDiagnostics
import KeelSystem
import Testing

struct ConsoleTests {
    static let forced: [(environment: [String: String], noColor: Bool, json: Bool, expected: Bool)] = [
        ([:], false, false, true),
        ([:], true, false, false),
        ([:], false, true, false),
        (["NO_COLOR": "1"], false, false, false),
        (["NO_COLOR": "0"], false, false, false),
        // Set to nothing is not set (no-color.org).
        (["NO_COLOR": ""], false, false, true),
        (["TERM": "dumb"], false, false, false),
        (["TERM": "xterm-256color"], false, false, true),
    ]

    @Test(arguments: forced)
    func `a refusal is stronger than CLICOLOR_FORCE`(
        environment: [String: String], noColor: Bool, json: Bool, expected: Bool
    ) {
        let environment = environment.merging(["CLICOLOR_FORCE": "1"]) { own, _ in own }
        let console = Console(environment: ProcessEnvironment(environment), noColor: noColor, json: json)
        #expect(console.outputStyle.color == expected)
        #expect(console.errorStyle.color == expected)
    }

    @Test(arguments: ["0", ""])
    func `a CLICOLOR_FORCE that says nothing forces nothing`(value: String) {
        let console = Console(
            environment: ProcessEnvironment(["CLICOLOR_FORCE": value]), noColor: false, json: false)
        #expect(console.outputStyle.color == Terminal.isTerminal(1))
        #expect(console.errorStyle.color == Terminal.isTerminal(2))
    }

    @Test func `without a word the streams decide, each for itself`() {
        let console = Console(environment: ProcessEnvironment([:]), noColor: false, json: false)
        #expect(console.outputStyle.color == Terminal.isTerminal(1))
        #expect(console.errorStyle.color == Terminal.isTerminal(2))
    }
}
