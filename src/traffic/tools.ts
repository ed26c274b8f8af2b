/** The tools of the shop's agent, as it offers them in each request. */
interface Parameter {
  type: 'string' | 'number';
  description: string;
  enum?: string[];
}

const tool = (name: string, description: string, properties: Record<string, Parameter>) => ({
  type: 'function',
  function: {
    name,
    description,
    parameters: { type: 'object', properties, required: Object.keys(properties) },
  },
});

const orderId: Parameter = { type: 'string', description: 'order number, like W48210' };
const email: Parameter = { type: 'string', description: "the customer's e-mail address" };

const REASONS = ['damaged', 'wrong_item', 'too_small', 'too_large', 'not_needed'];

export const TOOLS = [
  tool('find_customer', 'Look up a customer by e-mail, with the numbers of their orders.', { email }),
  tool('get_order', 'Details of an order: state, items, total, delivery date.', { order_id: orderId }),
  tool('track_parcel', 'Where the parcel of a shipped order is now.', {
    tracking_number: { type: 'string', description: 'from the order, like TRK5512093' },
  }),
  tool('search_products', 'Search the catalogue by words.', {
    query: { type: 'string', description: 'what the customer looks for' },
  }),
  tool('check_stock', 'How many of a product are in stock, and when more arrive.', {
    product_id: { type: 'string', description: 'from the catalogue, like P104' },
  }),
  tool('change_address', 'Change the delivery address of an order that is not shipped yet.', {
    order_id: orderId,
    address: { type: 'string', description: 'the whole new address' },
  }),
  tool('cancel_order', 'Cancel an order that is not shipped yet.', { order_id: orderId }),
  tool('start_return', 'Register the return of a delivered order and send a label.', {
    order_id: orderId,
    reason: { type: 'string', description: 'why it comes back', enum: REASONS },
  }),
  tool('issue_refund', 'Pay money back for an order that arrived damaged or was lost.', {
    order_id: orderId,
    amount: { type: 'number', description: 'in euros' },
  }),
  tool('apply_voucher', 'Apply a voucher code to an open order.', {
    order_id: orderId,
    code: { type: 'string', description: 'the code as the customer gives it' },
  }),
  tool('send_invoice', 'Send the invoice of an order to an e-mail address.', { order_id: orderId, email }),
  tool('escalate_to_human', 'Hand the conversation to a colleague.', {
    topic: {
      type: 'string',
      description: 'what it is about',
      enum: ['complaint', 'fraud', 'business', 'other'],
    },
  }),
];

export const SYSTEM_PROMPT =
  'You are the service agent of Lindenhof, a small shop for outdoor gear. Look things up before you answer, and do one ' +
  'thing at a time. Ask for the order number or the e-mail address when you have neither. An order that is processing ' +
  'can be cancelled, and its address can be changed; a shipped one cannot, only tracked. A delivered order can be ' +
  'returned within 30 days of delivery; register the return with the reason the customer gives. If goods arrived damaged ' +
  'or a parcel is lost, refund the total of the order at once. Vouchers apply to open orders only, one for each order. ' +
  'Never promise what a tool has refused: say what it said, and offer what is possible. Hand over to a colleague when ' +
  'the customer asks for a person, complains about staff, suspects fraud or buys for a company. Be brief and friendly.';
