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
const productId: Parameter = { type: 'string', description: 'from the catalogue or an order, like P104' };

export const REASONS = ['damaged', 'wrong_item', 'too_small', 'too_large', 'not_needed'];

export const TOOLS = [
  tool('find_customer', 'Look up a customer by e-mail, with the numbers of their orders.', { email }),
  tool('get_order', 'Details of an order: state, items, total, delivery date.', { order_id: orderId }),
  tool('track_parcel', 'Where the parcel of a shipped order is now.', {
    tracking_number: { type: 'string', description: 'from the order or the customer, like TRK5512093' },
  }),
  tool('search_products', 'Search the catalogue by words.', {
    query: { type: 'string', description: 'what the customer looks for' },
  }),
  tool('check_stock', 'How many of a product are in stock.', {
    product_id: productId,
  }),
  tool('reserve_product', 'Put one of a product aside for the customer, if it is in stock.', {
    product_id: productId,
  }),
  tool('notify_customer', 'Write to a customer when a product that is sold out is back.', {
    product_id: productId,
    email,
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
  tool('send_replacement', 'Send a product for one that was damaged, was lost or is exchanged.', {
    order_id: orderId,
    product_id: productId,
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
      enum: ['complaint', 'fraud', 'business', 'refund', 'other'],
    },
  }),
];
