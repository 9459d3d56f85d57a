import KeelDiagnostics
import Testing

struct SourceFileTests {
    private func lines(_ text: String) -> [String] {
        let file = SourceFile(path: "f", bytes: Array(text.utf8))
        return (1...file.lineCount).map { String(decoding: file.line($0), as: UTF8.self) }
    }

    @Test(arguments: ["a\nb\nc", "a\r\nb\r\nc", "a\rb\rc", "\u{FEFF}a\nb\r\nc"])
    func `lines end with LF, CR LF or CR`(text: String) {
        #expect(lines(text) == ["a", "b", "c"])
    }

    @Test func `an empty file has one empty line`() {
        #expect(lines("") == [""])
    }

    @Test func `a line outside of the file is empty`() {
        let file = SourceFile(path: "f", bytes: Array("a".utf8))
        #expect(file.line(0).isEmpty)
        #expect(file.line(2).isEmpty)
    }

    @Test(arguments: [
        ("ab\ncd", 0, "1:1"), ("ab\ncd", 2, "1:3"), ("ab\ncd", 3, "2:1"), ("ab\ncd", 5, "2:3"), ("ab\ncd", 99, "2:3"),
        ("é€😀x", 9, "1:4"), ("\u{FEFF}ab", 3, "1:1"), ("\u{FEFF}ab", 4, "1:2"), ("a\r\nb", 3, "2:1"),
    ])
    func `the place of a byte counts scalars`(text: String, offset: Int, place: String) {
        let file = SourceFile(path: "f", bytes: Array(text.utf8))
        #expect(file.position(ofByte: offset).description == place)
    }

    @Test func `positions are ordered by line and then column, and never below one`() {
        #expect(SourcePosition(line: 1, column: 9) < SourcePosition(line: 2, column: 1))
        #expect(SourcePosition(line: 2, column: 1) < SourcePosition(line: 2, column: 2))
        #expect(SourcePosition(line: 0, column: -3) == .start)
    }
}
