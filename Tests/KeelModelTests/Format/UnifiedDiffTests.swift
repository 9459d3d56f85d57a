import KeelModel
import Testing

@Suite struct UnifiedDiffTests {
    private func diff(_ old: String, _ new: String, hiding: Set<Int> = []) -> String {
        UnifiedDiff.text(from: Array(old.utf8), to: Array(new.utf8), path: "a.yaml", hiding: hiding)
    }

    @Test func `nothing is said of texts that are the same`() { #expect(diff("a\n", "a\n") == "") }

    @Test func `a changed line stands between three lines that stayed`() {
        let old = "1\n2\n3\n4\n  5\n6\n7\n8\n9\n"
        #expect(
            diff(old, old.replacing("  5", with: "5"))
                == "--- a.yaml\n+++ a.yaml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-  5\n+5\n 6\n 7\n 8\n")
    }

    @Test func `changes side by side stand together, and far ones apart`() {
        let old = " 1\n 2\n3\n4\n5\n6\n7\n8\n9\n 10\n"
        #expect(
            diff(old, old.replacing(" ", with: ""))
                == "--- a.yaml\n+++ a.yaml\n@@ -1,5 +1,5 @@\n- 1\n- 2\n+1\n+2\n 3\n 4\n 5\n@@ -7,4 +7,4 @@\n 7\n 8\n 9\n- 10\n+10\n"
        )
    }

    @Test(arguments: [
        ("a\n\n\n\nb\n", "a\n\nb\n", "@@ -1,5 +1,3 @@\n a\n \n-\n-\n b\n"),
        ("a\n...\n---\n", "a\n---\n", "@@ -1,3 +1,2 @@\n a\n-...\n ---\n"),
        ("\n\n", "", "@@ -1,2 +0,0 @@\n-\n-\n"),
        ("a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"),
        ("a\r\nb\rc\n", "a\nb\nc\n", "@@ -1,3 +1,3 @@\n-a\n-b\n+a\n+b\n c\n"),
        ("a\nb\n", "c\nb\n", "@@ -1,2 +1,2 @@\n-a\n-b\n+c\n+b\n"),
        ("b\n", "b\n\n", "@@ -1 +1,2 @@\n b\n+\n"),
    ])
    func `lines that go and come are counted`(_ old: String, _ new: String, _ hunks: String) {
        #expect(diff(old, new) == "--- a.yaml\n+++ a.yaml\n" + hunks)
    }

    @Test func `a line that may hold a secret is not shown`() {
        let text = diff("a:  b\nsecret:   hunter2\nc: d\n", "a: b\nsecret: hunter2\nc: d\n", hiding: [2])
        #expect(!text.contains("hunter2"))
        #expect(text.contains("-a:  b\n-(not shown: it may hold a secret)\n+a: b\n+(not shown"))
        #expect(!diff("a:  b\nsecret: hunter2\n", "a: b\nsecret: hunter2\n", hiding: [2]).contains("hunter2"))
    }
}
