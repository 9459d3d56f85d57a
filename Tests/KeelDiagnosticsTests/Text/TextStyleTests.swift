import KeelDiagnostics
import Testing

struct TextStyleTests {
    @Test func `without colour the text is left alone`() {
        let style = TextStyle(color: false)
        #expect([style.bold("a"), style.red("b"), style.dim("c")] == ["a", "b", "c"])
    }

    @Test func `with colour each style ends what it began`() {
        let style = TextStyle(color: true)
        let styles = [style.bold, style.dim, style.red, style.green, style.yellow, style.cyan]
        let texts = styles.map { $0("x") }
        #expect(texts == [1, 2, 31, 32, 33, 36].map { "\u{1B}[\($0)mx\u{1B}[0m" })
    }

    @Test func `nothing is wrapped in nothing`() {
        #expect(TextStyle(color: true).red("").isEmpty)
    }
}
