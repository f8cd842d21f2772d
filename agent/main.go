// Agent is the one static binary of ours inside every sandbox: README.md tells what each command is for.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"

	"drydock/agent/dial"
	"drydock/agent/examine"
	"drydock/agent/holder"
	"drydock/agent/inspect"
	"drydock/agent/load"
	"drydock/agent/term"
	"drydock/agent/world"
)

const version = "1"

// Exit codes, beside 0 and 1 for any other failure.
const (
	exitUsage    = 2
	exitNone     = 3 // what was asked for is not there
	exitNoHolder = 4
	exitEnded    = 128 + int(unix.SIGTERM)
)

var errUsage = errors.New("usage")

func main() {
	log.SetFlags(0)
	log.SetPrefix("agent: ")
	name, args := filepath.Base(os.Args[0]), os.Args[1:]
	if _, ok := commands[name]; !ok && len(args) > 0 { // called by its own name: the command is the first argument
		name, args = args[0], args[1:]
	}
	command, ok := commands[name]
	if !ok {
		log.Print("usage: agent serve|attach|run|examine|idle|dial|version|in-net|in-root|procs|netns|engine|match|load …")
		os.Exit(exitUsage)
	}
	err := command(args)
	switch {
	case err == nil:
		return
	case errors.Is(err, errUsage):
		log.Print(err)
		os.Exit(exitUsage)
	case errors.Is(err, inspect.ErrNone):
		log.Print(err)
		os.Exit(exitNone)
	case (name == "attach" || name == "run") && (errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ECONNREFUSED)):
		log.Print("no holder is listening")
		os.Exit(exitNoHolder)
	default:
		log.Print(err)
		os.Exit(1)
	}
}

var commands map[string]func(args []string) error

func init() {
	// Keeps every other goroutine off the main thread. One that entered the learner's namespaces there would move the
	// whole process, as others see it: an exec joins the namespaces of a process's first thread.
	runtime.LockOSThread()
	// Not a literal, as `serve` starts `init` by name.
	commands = map[string]func([]string) error{
		"serve": serve, "init": world.Init, "attach": attach, "run": run, "idle": idle,
		"examine": func([]string) error {
			if err := keepDescriptors(); err != nil {
				return err
			}
			return examine.Stream(os.Stdin, os.Stdout, version)
		},
		"dial":    dialOut,
		"version": func([]string) error { _, err := fmt.Println(version); return err },
		"in-net":  inNet, "in-root": inRoot,
		"engine": func(args []string) error {
			if len(args) < 2 {
				return fmt.Errorf("%w: engine docker|podman PATH, or engine containerd [-n NAMESPACE] COMMAND…", errUsage)
			}
			return inspect.Engine(args[0], args[1:])
		},
		"match": match, "load": steadyLoad,
		"procs": func([]string) error { return inspect.Lines(inspect.Processes()) },
		"netns": func([]string) error {
			found, err := inspect.NetNSes()
			if err != nil {
				return err
			}
			return json.NewEncoder(os.Stdout).Encode(found)
		},
	}
}

// parse reads flags only: any other argument is an error, as is an unknown flag.
func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%w: %q is too much", errUsage, flags.Arg(0))
	}
	return nil
}

// keepDescriptors keeps whatever the container runtime left open from the processes that we start. Runtimes have leaked
// directories of the host that way (CVE-2024-21626).
func keepDescriptors() error { return unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) }

func serve(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	runDir := flags.String("run-dir", "/.drydock-run", "a directory that the learner will not see, for the socket")
	agentDir := flags.String("agent-dir", "/.drydock", "where this binary's volume is mounted, hidden too")
	user := flags.String("user", "root", "whose login shells the terminals run")
	isolate := flags.String("isolate", "namespaces", "namespaces or none: none where the container has no capability")
	nproc := flags.Uint64("max-processes", 0, "limit of the user's processes; 0 for none")
	var services []world.Service
	flags.Func("service", "PROGRAM or PROGRAM=SOCKET of the image, run in the learner's world: at once, or when somebody connects", func(text string) error {
		service, err := world.ParseService(text)
		services = append(services, service)
		return err
	})
	first := flags.String("start", "main", "the terminal whose shell is started at once; empty for none")
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := errors.Join(world.Undumpable(), keepDescriptors()); err != nil {
		return err
	}
	go exitOnSignal()
	unix.Umask(0o022)
	who, err := world.LookupUser("/etc/passwd", *user)
	if err != nil {
		return err
	}
	learner := world.New(*isolate == "namespaces", []string{*agentDir, *runDir})
	login, err := world.NewLogin(learner, who, *nproc)
	if err != nil {
		return err
	}
	for _, service := range services {
		if err := login.Serve(service); err != nil {
			log.Printf("service %s: %v", service.Program, err) // a machine without it is still a machine
		}
	}
	terminals := holder.New(login.Start, login.Run)
	if *first != "" {
		go func() {
			if err := terminals.Start(*first); err != nil {
				log.Printf("terminal %s: %v", *first, err) // whoever attaches tries again, and is told
			}
		}()
	}
	return terminals.Serve(filepath.Join(*runDir, "holder.sock"))
}

func attach(args []string) error {
	flags := flag.NewFlagSet("attach", flag.ContinueOnError)
	runDir := flags.String("run-dir", "/.drydock-run", "where serve has its socket")
	view := term.View{}
	flags.StringVar(&view.Terminal, "terminal", "main", "name of the terminal")
	flags.StringVar(&view.Client, "client", "", "name under which this viewer's input is numbered")
	flags.Int64Var(&view.From, "from", term.FromOldest, "offset of the first byte wanted; -1: all that is kept")
	cols := flags.Uint("cols", 0, "width in characters; 0: as it is")
	rows := flags.Uint("rows", 0, "height in characters; 0: as it is")
	flags.BoolVar(&view.ReadOnly, "read-only", false, "drop input")
	if err := parse(flags, args); err != nil {
		return err
	}
	if *cols > 1000 || *rows > 1000 {
		return fmt.Errorf("%w: a size of %d × %d", errUsage, *cols, *rows)
	}
	view.Cols, view.Rows = uint16(*cols), uint16(*rows)
	if err := holder.Check(view); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return holder.Attach(filepath.Join(*runDir, "holder.sock"), view)
}

// run hands a script to the machine's holder: what prepares a machine runs where the learner's processes do.
func run(args []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	runDir := flags.String("run-dir", "/.drydock-run", "where serve has its socket")
	if err := parse(flags, args); err != nil {
		return err
	}
	return holder.Run(filepath.Join(*runDir, "holder.sock"))
}

// idle is the examiner container's first process: it is there to be exec'd beside. The pod's pause process reaps.
func idle([]string) error {
	if err := world.Undumpable(); err != nil {
		return err
	}
	exitOnSignal()
	return nil
}

// dialOut is one connection to a port of the machine, or of a Service that it reaches, on stdin and stdout.
func dialOut(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: dial [HOST]:PORT", errUsage)
	}
	// There may be a dozen of them, and each thread counts towards what the pod may have.
	runtime.GOMAXPROCS(1)
	return dial.Run(os.Stdin, os.Stdout, args[0], dial.Linger, func() { os.Exit(0) })
}

// exitOnSignal exits as a shell says that a signal ended a program: of a pod whose containers all end with 0 the kubelet
// forgets that it evicted it, and why.
func exitOnSignal() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, unix.SIGTERM, unix.SIGINT)
	<-ended
	os.Exit(exitEnded)
}

func inNet(args []string) error {
	name := ""
	if len(args) > 0 && args[0] != "--" {
		name, args = args[0], args[1:]
	}
	if len(args) < 2 || args[0] != "--" {
		return fmt.Errorf("%w: in-net [NAME|pid:N] -- COMMAND…", errUsage)
	}
	return inspect.InNet(name, args[1:])
}

// match exits with 3 where the text is not in what stdin says.
func match(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("%w: match contains|equals|matches TEXT", errUsage)
	}
	found, err := examine.Matches(os.Stdin, args[0], args[1])
	if err == nil && !found {
		err = inspect.ErrNone
	}
	return err
}

// steadyLoad starts a load where it does not run, and prints its counts.
func steadyLoad(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("%w: load SOCKET URL RATE LAST", errUsage)
	}
	if args[0] == "run" {
		rate, err := strconv.Atoi(args[3])
		if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		return load.Run(args[1], args[2], rate)
	}
	if err := keepDescriptors(); err != nil { // the check's own, which the load must not keep open
		return err
	}
	rate, errRate := strconv.Atoi(args[2])
	last, errLast := strconv.Atoi(args[3])
	if err := errors.Join(errRate, errLast); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	counts, err := load.Ask(args[0], args[1], rate, last)
	if err == nil {
		_, err = fmt.Println(counts.Sent, counts.Failed, counts.Recent, counts.RecentFailed)
	}
	return err
}

func inRoot(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "--stat":
		return inspect.Stat(os.Stdout, args[1])
	case len(args) == 2 && args[0] == "--list":
		return inspect.List(os.Stdout, args[1])
	case len(args) == 1:
		return inspect.Cat(os.Stdout, args[0])
	}
	return fmt.Errorf("%w: in-root [--stat|--list] PATH", errUsage)
}
