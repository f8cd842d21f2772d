/** The sheet on the home page: a hull standing in its dock, drawn in section with the notes of a drawing office. */
export function DockDrawing({ className }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 520 470"
      className={className}
      fill="none"
      stroke="var(--ink)"
      strokeWidth="1.4"
      role="img"
      aria-label="A technical drawing of a ship's hull standing on blocks in a dry dock. Three notes point at it: your shell, at the hull; the machine, at the dock around it; the examiner, at the platform outside the dock wall."
    >
      <defs>
        <pattern id="dock-grid" width="20" height="20" patternUnits="userSpaceOnUse">
          <path d="M20 0H0V20" stroke="var(--grid)" strokeWidth="1" />
        </pattern>
        <pattern id="dock-hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0V8" stroke="var(--rule-strong)" strokeWidth="0.8" />
        </pattern>
      </defs>
      <rect x="0.5" y="0.5" width="519" height="469" fill="var(--sheet)" stroke="var(--rule)" />
      <rect x="10" y="10" width="500" height="450" fill="url(#dock-grid)" stroke="var(--rule-strong)" strokeWidth="1" />
      {/* the dock: ground, walls in steps, floor */}
      <path d="M10 150H96V186H114V222H132V330H388V222H406V186H424V150H510V400H10Z" fill="url(#dock-hatch)" />
      {/* the hull in section, its decks and keel */}
      <path
        d="M182 96H338V206C338 262 300 292 260 306C220 292 182 262 182 206Z"
        fill="var(--sheet)"
        stroke="var(--accent-ink)"
        strokeWidth="2"
      />
      <path d="M182 138H338M182 180H338M188 222H332" stroke="var(--accent-ink)" strokeWidth="0.9" />
      <path d="M260 74V330" stroke="var(--ink-soft)" strokeWidth="0.8" strokeDasharray="14 4 2 4" />
      {/* keel blocks and shores */}
      <path d="M248 308H272V330H248Z M214 296V330M206 330H222M306 296V330M298 330H314" />
      <path d="M132 244L184 214M388 244L336 214" />
      {/* a prompt on the working deck */}
      <path d="M198 151L206 158L198 165M212 166H226" stroke="var(--ink)" strokeWidth="1.8" />
      {/* the examiner's platform on the wall: an eye at a level */}
      <path d="M440 150V124H486V150M463 124V112" />
      <circle cx="463" cy="104" r="8" />
      <circle cx="463" cy="104" r="2.4" fill="var(--ink)" />
      <path d="M455 106L340 134" strokeDasharray="4 4" strokeWidth="1" />
      {/* dimension line */}
      <path d="M182 62V88M338 62V88M182 70H338M182 70l9-3v6zM338 70l-9-3v6z" strokeWidth="0.9" fill="var(--ink)" />
      {/* leaders and balloons */}
      <g strokeWidth="1">
        <path d="M192 156L153 114" />
        <path d="M120 276L70 276" />
        <circle cx="192" cy="156" r="2.2" fill="var(--ink)" />
        <circle cx="120" cy="276" r="2.2" fill="var(--ink)" />
        <g fill="var(--sheet)">
          <circle cx="144" cy="105" r="13" />
          <circle cx="57" cy="276" r="13" />
          <circle cx="463" cy="74" r="13" />
        </g>
      </g>
      <g fill="var(--ink)" stroke="none" fontFamily="var(--font-mono)" fontSize="12" textAnchor="middle">
        <text x="144" y="109.5">
          1
        </text>
        <text x="57" y="280.5">
          2
        </text>
        <text x="463" y="78.5">
          3
        </text>
        <text x="260" y="61" fontSize="11" fill="var(--ink-soft)">
          yours alone
        </text>
      </g>
      {/* title block */}
      <path d="M10 400H510M180 400V460M345 400V460" stroke="var(--rule-strong)" strokeWidth="1" fill="none" />
      <rect x="10.5" y="400.5" width="499" height="59" fill="var(--sheet)" stroke="none" />
      <path d="M10 400H510M180 400V460M345 400V460" stroke="var(--rule-strong)" strokeWidth="1" />
      <g fill="var(--ink)" stroke="none" fontFamily="var(--font-mono)" fontSize="12">
        <text x="24" y="424" fill="var(--ink-soft)">
          1
        </text>
        <text x="24" y="444">
          your shell, root
        </text>
        <text x="194" y="424" fill="var(--ink-soft)">
          2
        </text>
        <text x="194" y="444">
          a real machine
        </text>
        <text x="359" y="424" fill="var(--ink-soft)">
          3
        </text>
        <text x="359" y="444">
          the examiner
        </text>
      </g>
    </svg>
  )
}
