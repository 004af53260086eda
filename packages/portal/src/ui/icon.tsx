import {
  ArrowDown,
  ArrowLeft,
  Ban,
  Bot,
  Brain,
  Check,
  ChevronDown,
  ChevronRight,
  CircleCheck,
  CircleX,
  Clock,
  Coins,
  Copy,
  Cpu,
  Database,
  ExternalLink,
  Eye,
  FileText,
  Filter,
  Flag,
  Gavel,
  GitCommitHorizontal,
  Hand,
  History,
  type IconNode,
  Inbox,
  Info,
  KeyRound,
  LayoutGrid,
  Link,
  ListChecks,
  Loader,
  MailX,
  Menu,
  MessagesSquare,
  Monitor,
  Moon,
  Network,
  Pause,
  Play,
  Plug,
  Plus,
  Radio,
  RefreshCw,
  Scale,
  ScrollText,
  Search,
  Send,
  Sun,
  Table,
  Target,
  Terminal,
  TriangleAlert,
  Undo2,
  User,
  Users,
  Vote,
  X,
} from "lucide";
import { h } from "preact";

const icons = {
  "arrow-down": ArrowDown,
  "arrow-left": ArrowLeft,
  ban: Ban,
  bot: Bot,
  brain: Brain,
  check: Check,
  "chevron-down": ChevronDown,
  "chevron-right": ChevronRight,
  good: CircleCheck,
  bad: CircleX,
  clock: Clock,
  coins: Coins,
  copy: Copy,
  cpu: Cpu,
  database: Database,
  eye: Eye,
  external: ExternalLink,
  file: FileText,
  filter: Filter,
  flag: Flag,
  gavel: Gavel,
  commit: GitCommitHorizontal,
  hand: Hand,
  history: History,
  inbox: Inbox,
  info: Info,
  key: KeyRound,
  board: LayoutGrid,
  link: Link,
  tasks: ListChecks,
  loader: Loader,
  "dead-letter": MailX,
  menu: Menu,
  messages: MessagesSquare,
  monitor: Monitor,
  moon: Moon,
  mesh: Network,
  pause: Pause,
  play: Play,
  plug: Plug,
  plus: Plus,
  broker: Radio,
  refresh: RefreshCw,
  charter: Scale,
  timeline: ScrollText,
  search: Search,
  send: Send,
  sun: Sun,
  table: Table,
  mission: Target,
  command: Terminal,
  warn: TriangleAlert,
  back: Undo2,
  user: User,
  users: Users,
  vote: Vote,
  close: X,
} as const satisfies Readonly<Record<string, IconNode>>;
export type IconName = keyof typeof icons;

/** A picture beside words. It says nothing that is not said in words too, so it is hidden from screen readers. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  const node: IconNode = icons[name];
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={1.75}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {node.map(([tag, attributes], index) => h(tag, { ...attributes, key: index }))}
    </svg>
  );
}
