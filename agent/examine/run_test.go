package examine

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

const patience = 20 * time.Second

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

func TestEndings(t *testing.T) {
	const ours = "our check failed: "
	for name, c := range map[string]struct{ script, verdict, evidence, detail string }{
		"pass":                      {`pass "three of three"`, "pass", "three of three", ""},
		"not yet":                   {`not_yet "two of three"`, "not-yet", "two of three", ""},
		"a verb ends it":            {`pass a; not_yet b; exit 9`, "pass", "a", ""},
		"two verdicts":              {`(pass a); (not_yet b); exit 0`, "broken", ours + "it gave two verdicts", ""},
		"the same twice":            {`(pass a); pass a`, "broken", ours + "it gave two verdicts", ""},
		"none":                      {`true`, "broken", ours + "it ended without a verdict", ""},
		"empty":                     {``, "broken", ours + "it ended without a verdict", ""},
		"values and no verdict":     {`value a b`, "broken", ours + "it ended without a verdict", ""},
		"an unknown verdict":        {`__drydock_say broken hello`, "broken", ours + "it wrote records that are not the prelude's", ""},
		"a made-up verdict":         {`__drydock_say solved hello`, "broken", ours + "it wrote records that are not the prelude's", ""},
		"non-zero":                  {`exit 3`, "broken", ours + "exit status 3", ""},
		"non-zero after a verdict":  {`trap 'exit 3' EXIT; pass a`, "broken", ours + "exit status 3", ""},
		"a command fails":           {`echo why >&2; false; pass a`, "broken", ours + "exit status 1", "why"},
		"in a pipe":                 {`false | true; pass a`, "broken", ours + "exit status 1", ""},
		"not found":                 {`no-such-tool; pass a`, "broken", ours + "exit status 127", "no-such-tool: command not found"},
		"an unset variable":         {`pass "$nothing"`, "broken", ours + "exit status 1", "nothing: unbound variable"},
		"a syntax error":            {`if; then`, "broken", ours + "exit status 2", "syntax error"},
		"no evidence":               {`pass`, "broken", ours + "exit status 1", "unbound variable"},
		"killed":                    {`kill -KILL $$`, "broken", ours + "signal: killed", ""},
		"killed after a verdict":    {`(pass a); kill -TERM $$`, "broken", ours + "signal: terminated", ""},
		"a tool is killed":          {`bash -c 'kill -KILL $$'; pass a`, "broken", ours + "exit status 137", ""},
		"forged":                    {`printf 'x\0pass\0forged\0\0' >&4`, "broken", ours + "it wrote records that are not the prelude's", ""},
		"forged, then a verdict":    {`printf 'x\0pass\0forged\0\0' >&4; not_yet a`, "broken", ours + "it wrote records that are not the prelude's", ""},
		"a verdict, then forged":    {`(not_yet a); printf 'x\0pass\0forged\0\0' >&4`, "broken", ours + "it wrote records that are not the prelude's", ""},
		"forged without a token":    {`printf '\0pass\0forged\0\0' >&4`, "broken", ours + "it wrote records that are not the prelude's", ""},
		"forged by a tool":          {`env | grep -i token && pass leaked; bash -c 'printf "%s\0pass\0forged\0\0" "${__drydock_token-}" >&4'`, "broken", ours + "it wrote records that are not the prelude's", ""},
		"half a record":             {`printf 'pass' >&4; exit 0`, "broken", ours + "it wrote records that are not the prelude's", ""},
		"too much of a record":      {`pass a >&4; printf '\0' >&4`, "pass", "a", ""}, // pass ends it
		"a flood of records":        {`head -c 10000000 /dev/zero >&4; pass a`, "broken", ours + "it wrote records that are not the prelude's", ""},
		"a flood of values":         {`for i in {1..3000}; do value "name$i" some-value-or-other; done; pass a`, "broken", ours + "it wrote records that are not the prelude's", ""},
		"a flood on stdout":         {`head -c 10000000 /dev/zero; pass a`, "pass", "a", ""},
		"a flood on stderr":         {`head -c 10000000 /dev/zero >&2; pass a`, "pass", "a", ""},
		"binary evidence":           {`pass $'a\xff\xfeb\x01c\x1b[31md\u202ee'`, "pass", "a\uFFFDbc[31mde", ""},
		"several lines":             {`pass $'a\n\tb'`, "pass", "a\n\tb", ""},
		"words that look like JSON": {`pass '"}{\n</script>'`, "pass", `"}{\n</script>`, ""},
		"stdin is empty":            {`read -r line && pass read; pass "none"`, "pass", "none", ""},
		"stdin ends":                {`cat; pass "none"`, "pass", "none", ""},
		"arguments":                 {`pass "$# $1 $2"`, "pass", "2 a b  c", ""},
		"environment":               {`pass "$ANSWER"`, "pass", `$(touch /tmp/x) "'`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := Run(context.Background(), Check{Script: c.script, Args: []string{"a", "b  c"}, Env: map[string]string{"ANSWER": `$(touch /tmp/x) "'`}})
			if result.Verdict != c.verdict || result.Evidence != c.evidence || !strings.Contains(result.Detail, c.detail) {
				t.Errorf("%+v", result)
			}
		})
	}
}

func TestValues(t *testing.T) {
	result := Run(context.Background(), Check{Script: `value ip 10.0.0.7; value port 80; value ip 10.0.0.8; value e ''; pass ok`})
	if result.Verdict != "pass" || fmt.Sprint(result.Values) != "map[e: ip:10.0.0.8 port:80]" {
		t.Errorf("%+v", result)
	}
}

func TestTimeOut(t *testing.T) {
	began := time.Now()
	result := Run(context.Background(), Check{Script: `echo waiting >&2; sleep 100; pass a`, TimeoutMs: 300})
	if result.Verdict != "broken" || result.Evidence != "our check failed: it took longer than 300ms" || result.Detail != "waiting" {
		t.Errorf("%+v", result)
	}
	if took := time.Since(began); took > 5*time.Second || result.DurationMs < 300 || result.DurationMs > took.Milliseconds() {
		t.Errorf("took %s, said %d ms", took, result.DurationMs)
	}
	for _, ms := range []int{0, -5, 1 << 62} { // the default, and no overflow
		if result := Run(context.Background(), Check{Script: `sleep 0.1; pass a`, TimeoutMs: ms}); result.Verdict != "pass" {
			t.Errorf("a time-out of %d: %+v", ms, result)
		}
	}
}

// A verdict does not count when the script went on for too long after it.
func TestTimeOutAfterAVerdict(t *testing.T) {
	result := Run(context.Background(), Check{Script: `trap 'sleep 100' EXIT; pass a`, TimeoutMs: 300})
	if result.Verdict != "broken" {
		t.Errorf("%+v", result)
	}
}

func TestScriptOverTheLimit(t *testing.T) {
	fill := func(n int) string { return "pass ok\n#" + strings.Repeat("x", n-9) }
	if result := Run(context.Background(), Check{Script: fill(maxScript)}); result.Verdict != "pass" {
		t.Errorf("at the limit: %+v", result)
	}
	if result := Run(context.Background(), Check{Script: fill(maxScript + 1)}); result.Verdict != "broken" || result.Evidence != "our check failed: the script is too long" {
		t.Errorf("over the limit: %+v", result)
	}
}

func TestEvidenceIsBounded(t *testing.T) {
	for name, unit := range map[string]string{"bytes": "x", "runes": "ä", "wide": "🙂", "invalid": `\xff `} {
		result := Run(context.Background(), Check{Script: `printf -v long '` + unit + `%.0s' {1..5000}; pass "$long"`})
		if result.Verdict != "pass" || len(result.Evidence) > maxEvidence+len("…") || len(result.Evidence) < maxEvidence-4 ||
			!utf8.ValidString(result.Evidence) || !strings.HasSuffix(result.Evidence, "…") {
			t.Errorf("%s: %d bytes, ends in %q", name, len(result.Evidence), result.Evidence[max(0, len(result.Evidence)-9):])
		}
	}
	exact := strings.Repeat("x", maxEvidence)
	if result := Run(context.Background(), Check{Script: "pass " + exact}); result.Evidence != exact {
		t.Errorf("%d bytes became %d", maxEvidence, len(result.Evidence))
	}
}

// What explains a failure comes last.
func TestDetailIsTheEndOfStderr(t *testing.T) {
	result := Run(context.Background(), Check{Script: `head -c 50000000 /dev/zero >&2; printf 'cut in the middle: ä%.0s' {1..9000} >&2; echo >&2; echo "the reason" >&2; exit 1`})
	if !strings.HasSuffix(result.Detail, "the reason") || len(result.Detail) > 2*maxStderr || !utf8.ValidString(result.Detail) {
		t.Errorf("%d bytes, end in %q", len(result.Detail), result.Detail[max(0, len(result.Detail)-40):])
	}
}

func running(pid string) bool {
	_, err := os.Stat("/proc/" + pid + "/exe")
	return err == nil
}

// A tool left in the background keeps stderr and the records open: the verdict stands, and the tool is ended.
func TestAChildLeftInTheBackground(t *testing.T) {
	for name, script := range map[string]string{
		"holds stderr and records": `sleep 1000 & pass $!`,
		"holds the records":        `sleep 1000 2>/dev/null & pass $!`,
		"ignores signals":          `(trap '' TERM INT HUP; sleep 1000) & pass $!`,
	} {
		began := time.Now()
		result := Run(context.Background(), Check{Script: script})
		if result.Verdict != "pass" || time.Since(began) > 5*time.Second {
			t.Errorf("%s: %+v after %s", name, result, time.Since(began))
		}
		eventually(t, "the child is ended", func() bool { return !running(result.Evidence) })
	}
}

// In a session of its own it escapes the kill; the check ends all the same, and holds nothing of ours.
func TestAChildThatEscapes(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	began := time.Now()
	script := `setsid bash -c 'echo $$ >"$0"; exec sleep 1000' "$F" & while ! [ -s "$F" ]; do sleep 0.01; done; pass a; ` + strings.Repeat("#", 200_000)
	result := Run(context.Background(), Check{Script: script, Env: map[string]string{"F": pidFile}})
	if result.Verdict != "pass" || time.Since(began) > 5*time.Second {
		t.Errorf("%+v after %s", result, time.Since(began))
	}
	pid, _ := os.ReadFile(pidFile)
	var number int
	if _, err := fmt.Sscan(string(pid), &number); err != nil || number < 2 {
		t.Fatalf("%q: %v", pid, err)
	}
	_ = syscall.Kill(number, syscall.SIGKILL)
}

func TestNothingOfOursIsInherited(t *testing.T) {
	t.Setenv("DRYDOCK_SECRET", "s3cret")
	t.Setenv("BASH_ENV", "/dev/null/none")
	t.Setenv("LD_PRELOAD_NOT", "x")
	secret, err := os.Open("/etc/passwd") // as a listener of ours would be
	if err != nil {
		t.Fatal(err)
	}
	defer secret.Close()
	result := Run(context.Background(), Check{Script: `pass "$(env | grep -v '^_=' | cut -d= -f1 | sort | tr '\n' ' ')"`, Env: map[string]string{"ONE": "1"}})
	if result.Evidence != "HOME LANG ONE PATH PWD SHLVL " && result.Evidence != "HOME LANG ONE PATH PWD SHLVL" {
		t.Errorf("the environment: %+v", result)
	}
	result = Run(context.Background(), Check{Script: `pass "$(cd /proc/self/fd; for fd in *; do readlink "$fd"; done | grep -c passwd || true)"`})
	if result.Evidence != "0" {
		t.Errorf("descriptors: %+v", result)
	}
	result = Run(context.Background(), Check{Script: `pass "$-"`})
	if strings.Contains(result.Evidence, "i") {
		t.Errorf("interactive: %+v", result)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	result := Run(ctx, Check{Script: "pass a"})
	if result.Verdict != "broken" || result.Evidence != "our check failed: it was cancelled" {
		t.Errorf("%+v", result)
	}
}

func TestOutOfProcesses(t *testing.T) {
	for complaint, want := range map[string]bool{
		"bash: fork: retry: Resource temporarily unavailable": true,
		"Resource temporarily unavailable":                    false,
		"fork is a tool":                                      false,
	} {
		if exhausted(nil, complaint) != want {
			t.Errorf("%q: %v", complaint, !want)
		}
	}
	if !exhausted(fmt.Errorf("start: %w", syscall.EAGAIN), "") || exhausted(syscall.EPERM, "") {
		t.Error("errors of a start are misread")
	}
}

func TestNothingIsLeftOfManyRuns(t *testing.T) {
	count := func() int {
		names, _ := os.ReadDir("/proc/self/fd")
		return len(names)
	}
	before := count()
	for i := range 60 {
		ctx, cancel := context.WithCancel(context.Background())
		if i%3 == 0 {
			cancel()
		}
		Run(ctx, Check{Script: `[ $((RANDOM % 2)) = 0 ] || exit 1; pass a`})
		cancel()
	}
	eventually(t, "descriptors are as before", func() bool { return count() <= before })
}

// Copied as os/exec copies: whatever else these writers can do must not lead past their bounds.
func TestWritersAreBounded(t *testing.T) {
	stream := strings.Repeat("0123456789", 100_000)
	first, last := &head{max: 1001}, &tail{max: 1001}
	for _, w := range []io.Writer{first, last} {
		if n, err := io.Copy(w, io.MultiReader(strings.NewReader(stream[:7]), strings.NewReader(stream[7:]))); n != int64(len(stream)) || err != nil {
			t.Errorf("%d copied, %v", n, err)
		}
	}
	if string(first.kept) != stream[:1001] || string(last.kept) != stream[len(stream)-1001:] {
		t.Errorf("%d and %d bytes kept", len(first.kept), len(last.kept))
	}
}
